from customers.identity.resolving import after_import, name_buyers, reason_against_undo, remove_unused
from products.orders.following import AfterImport, Stage

AFTER_IMPORT = [AfterImport(Stage.BUYERS, after_import), AfterImport(Stage.LATER, remove_unused)]
NAME_BUYERS = [name_buyers]
AGAINST_UNDO = [reason_against_undo]
