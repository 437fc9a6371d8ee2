"""Data by which e-mail addresses are told apart: shared mailboxes, and providers of private mail.

Both lists err on the narrow side: an address that is in neither is a named person's at work, and so
identifies one lead. Sources: RFC 2142 for the English role names; the providers' own pages for the domains.
"""

ROLE_WORDS = frozenset(
    """
    abuse accounting accounts admin administration administrator admissions advertising ap ar billing
    board booking bookings bounce bounces business careers compliance contact contacts contactus
    customercare customers customerservice customersupport data dataprotection dataprivacy dev desk
    directors donotreply dpo editor editorial email enquiries enquiry events everyone export facilities
    fax feedback finance frontdesk ftp general gdpr hallo hello help helpdesk hi hostmaster hr import
    info information inquiries inquiry international investor investors invoice invoices invoicing it
    jobs legal list listserv logistics mail mailbox mailerdaemon mailer-daemon management manager
    marketing media moderator news newsletter noc no-reply noreply office operations order orders
    partners payroll people pr press privacy procurement production project projects purchasing
    reception recruiting recruitment registrar remove reply request reservations returns root sales
    secretary security service services shipping shop solutions staff subscribe subscribe support
    supplier suppliers team tech technical training unsubscribe usenet uucp vendor vendors warehouse
    web webmaster welcome willkommen www
    anfrage anfragen auftrag auftraege bestellung bestellungen bewerbung bewerbungen buchhaltung
    datenschutz einkauf empfang faktura geschaeftsfuehrung geschaeftsleitung karriere kontakt
    kundendienst kundenservice personal poststelle presse rechnung rechnungen redaktion sekretariat
    verkauf versand vertrieb verwaltung werbung zentrale
    achats accueil administratif candidature commande commandes commercial communication comptabilite
    devis direction emploi facturation juridique recrutement rh secretariat serviceclient ventes
    administracion atencion atencionalcliente compras comercial contabilidad contacto correo empleo
    facturacion facturas gerencia informacion pedidos prensa recepcion rrhh seguridad soporte ventas
    acquisti amministrazione clienti commerciale contabilita contatti contatto direzione fatture
    fatturazione informazioni ordini personale pec segreteria stampa ufficio ufficioacquisti vendite
    atendimento comunicacao contabilidade contato contatos faleconosco faturamento financeiro
    imprensa ouvidoria privacidade secretaria suporte vendas
    administratie boekhouding facturen factuur inkoop klantenservice onthaal personeel receptie
    verkoop vragen
    biuro handel kadry kontakty ksiegowosc marketingu obsluga praca sekretariat sklep sprzedaz zamowienia
    bokforing ekonomi faktura forsaljning kundservice kundtjeneste okonomi post postmottak salg
    asiakaspalvelu hallinto laskutus myynti toimisto
    fakturace nakup objednavky obchod podpora prodej recepce uctarna
    ertekesites iroda konyveles penzugy rendeles titkarsag ugyfelszolgalat
    bilgi destek iletisim muhasebe satis siparis
    """.split()  # noqa: SIM905 - one word a line would be hundreds
)
"""Local parts, ASCII and lower-case, that stand for a function and not for a person."""

PERSONAL_DOMAINS = frozenset(
    """
    gmail.com googlemail.com
    outlook.com outlook.de outlook.fr outlook.es outlook.it outlook.com.br hotmail.com hotmail.co.uk
    hotmail.de hotmail.fr hotmail.it hotmail.es hotmail.be hotmail.nl hotmail.se hotmail.ca live.com
    live.co.uk live.de live.fr live.it live.nl live.se live.dk live.no live.be live.ca live.com.au
    live.com.mx msn.com passport.com
    yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.ca yahoo.co.in yahoo.in yahoo.co.jp
    yahoo.com.br yahoo.com.au yahoo.com.mx yahoo.com.ar yahoo.com.sg yahoo.ie yahoo.se yahoo.no yahoo.dk
    yahoo.pl yahoo.gr yahoo.ro ymail.com rocketmail.com aol.com aol.co.uk aol.de aol.fr aim.com
    icloud.com me.com mac.com
    proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.com tuta.io tutamail.com
    keemail.me hushmail.com mailfence.com posteo.de posteo.net posteo.eu mailbox.org disroot.org
    riseup.net startmail.com fastmail.com fastmail.fm hey.com zoho.com zohomail.com zohomail.eu
    mail.com email.com usa.com gmx.com gmx.net gmx.de gmx.at gmx.ch gmx.fr gmx.co.uk gmx.us gmx.eu
    web.de t-online.de freenet.de arcor.de vodafonemail.de online.de kabelmail.de
    aon.at chello.at a1.net drei.at bluewin.ch hispeed.ch sunrise.ch
    orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr club-internet.fr
    libero.it virgilio.it tiscali.it alice.it tin.it inwind.it iol.it fastwebnet.it
    telefonica.net terra.es ono.com
    btinternet.com btopenworld.com sky.com talktalk.net virginmedia.com blueyonder.co.uk ntlworld.com
    tiscali.co.uk
    ziggo.nl kpnmail.nl planet.nl home.nl hetnet.nl xs4all.nl casema.nl telenet.be skynet.be proximus.be
    telia.com spray.se bredband.net comhem.se online.no broadpark.no jubii.dk mail.dk stofanet.dk
    kolumbus.fi elisanet.fi luukku.com suomi24.fi
    wp.pl o2.pl onet.pl op.pl poczta.onet.pl interia.pl interia.eu gazeta.pl tlen.pl
    seznam.cz email.cz post.cz centrum.cz volny.cz azet.sk centrum.sk zoznam.sk
    freemail.hu citromail.hu indamail.hu abv.bg mail.bg yahoo.bg siol.net net.hr
    sapo.pt mail.pt clix.pt uol.com.br bol.com.br terra.com.br ig.com.br globo.com r7.com
    eircom.net
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net
    juno.com netzero.net optonline.net roadrunner.com windstream.net
    rogers.com bell.net shaw.ca sympatico.ca telus.net videotron.ca
    bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au xtra.co.nz
    singnet.com.sg rediffmail.com sify.com
    mail.ru bk.ru inbox.ru list.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua
    qq.com 163.com 126.com sina.com sina.cn sohu.com foxmail.com aliyun.com yeah.net
    naver.com hanmail.net daum.net nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp
    walla.com walla.co.il
    """.split()  # noqa: SIM905 - one word a line would be hundreds
)
"""Domains, as lower-case A-labels, whose addresses belong to private people."""
