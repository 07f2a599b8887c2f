from customers.identity.models import Identity
from shopops.access.fields import masked
from shopops.reveals.kinds import Revealable


def _label(identity: Identity, _field: str) -> str:
    return identity.label


def _mask(identity: Identity, _field: str) -> str:
    return masked(identity.label)


def _hides(identity: Identity, _field: str) -> bool:
    return masked(identity.label) != identity.label


REVEALS = [Revealable(Identity, ("label",), value=_label, mask=_mask, hides=_hides)]
