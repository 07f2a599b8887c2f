from customers.identity.resolving import after_import
from products.orders.following import AfterImport, Stage

AFTER_IMPORT = [AfterImport(Stage.BUYERS, after_import)]
