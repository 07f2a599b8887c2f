from customers.value.services import after_import, recompute
from products.orders.following import AfterImport, Stage

AFTER_IMPORT = [AfterImport(Stage.VALUES, after_import)]
AFTER_MERGE = [recompute]
