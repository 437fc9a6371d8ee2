"""The names and places of the demo's made-up people, by country."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """Where some of the demo's people live; `region` is ISO 3166-2 where rules depend on it."""

    code: str
    region: str | None
    time_zone: str
    city: str
    mobile: str
    landline: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


# In numbers, # is a digit that is counted up, so that no two people have one mobile.
COUNTRIES = (
    Country("DE", None, "Europe/Berlin", "Köln", "+4915112######", "+4922147####",
        ("Anna", "Jürgen", "Sabine", "Felix", "Katrin"), ("Müller", "Krüger", "Vogt", "Weiß", "Hartmann")),
    Country("FR", None, "Europe/Paris", "Lyon", "+3361234####", "+3347856####",
        ("Élodie", "Hugo", "Chloé", "Rémi", "Inès"), ("Lefèvre", "Moreau", "Garnier", "Chevalier", "Roux")),
    Country("GB", None, "Europe/London", "Leeds", "+4477009#####", "+4411349#####",
        ("Oliver", "Amelia", "Harry", "Isla", "Nia"), ("Clarke", "Hughes", "Bennett", "Okafor", "Patel")),
    Country("US", "US-CA", "America/Los_Angeles", "Fresno", "+1559555####", "+1559556####",
        ("Emily", "Jayden", "Maria", "Tyler", "Grace"), ("Johnson", "Nguyen", "Ramirez", "Walker", "Brooks")),
    Country("US", "US-NY", "America/New_York", "Albany", "+1518555####", "+1518556####",
        ("Logan", "Ava", "Noah", "Zoe", "Ethan"), ("Sullivan", "Cohen", "Rossi", "Freeman", "Hayes")),
    Country("CA", "CA-ON", "America/Toronto", "Ottawa", "+1613555####", "+1613556####",
        ("Liam", "Maëlle", "Owen", "Priya", "Lucas"), ("Tremblay", "MacDonald", "Singh", "Gagnon", "Fraser")),
    Country("NL", None, "Europe/Amsterdam", "Utrecht", "+3161234####", "+3130275####",
        ("Daan", "Sanne", "Bram", "Fleur", "Joris"), ("de Vries", "Bakker", "van Dijk", "Visser", "Smit")),
    Country("ES", None, "Europe/Madrid", "Sevilla", "+3461234####", "+3495512####",
        ("Lucía", "Javier", "Carmen", "Pablo", "Nuria"), ("García", "Muñoz", "Ortega", "Iglesias", "Peña")),
    Country("IT", None, "Europe/Rome", "Torino", "+3934712#####", "+3901156####",
        ("Giulia", "Marco", "Chiara", "Luca", "Elisa"), ("Rossetti", "Bianchi", "Ferrari", "Conti", "Greco")),
    Country("PL", None, "Europe/Warsaw", "Poznań", "+4860112####", "+4861852####",
        ("Zofia", "Jakub", "Maja", "Kacper", "Lena"), ("Kowalska", "Wójcik", "Zieliński", "Mazur", "Pawlak")),
    Country("SE", None, "Europe/Stockholm", "Lund", "+4670123####", "+4646123###",
        ("Astrid", "Nils", "Elsa", "Oskar", "Maja"), ("Lindqvist", "Öberg", "Sandström", "Ek", "Nyström")),
    Country("AT", None, "Europe/Vienna", "Graz", "+4366412#####", "+4331645####",
        ("Magdalena", "Lukas", "Theresa", "Tobias", "Johanna"),
        ("Gruber", "Steiner", "Pichler", "Moser", "Eder")),
    Country("CH", None, "Europe/Zurich", "Bern", "+4179123####", "+4131312####",
        ("Luca", "Seraina", "Reto", "Nina", "Urs"), ("Zürcher", "Amstutz", "Frei", "Keller", "Brunner")),
)  # fmt: skip
COMPANIES = (
    "Nordlicht Systems", "Atlas Freight", "Brightwater Labs", "Cobalt Analytics", "Delta Kitchens", "Efield",
    "Fjord Robotics", "Granite Legal", "Harbour Media", "Ivory Optics", "Juniper Textiles", "Keystone Foods",
)  # fmt: skip
TITLES = ("Head of Procurement", "Sales Director", "IT Manager", "CFO", "Operations Lead", "Founder")
