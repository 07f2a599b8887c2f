from products.sales import planning
from shopops.acts.kinds import Undoable

UNDOABLE = [Undoable(planning.NOTED, "notes.change", planning.unnote)]
