"""One blueprint a resource; a view authorises, validates, opens one transaction and answers."""
