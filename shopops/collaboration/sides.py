from shopops.collaboration.side import side

SIDES = [side]
