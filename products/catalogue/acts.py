from products.catalogue import services
from shopops.acts.kinds import Undoable

UNDOABLE = [Undoable(services.MAPPED, "catalogue.change", services.unmap)]
