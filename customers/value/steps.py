from customers.value.services import after_import
from products.orders.following import AfterImport, Stage

AFTER_IMPORT = [AfterImport(Stage.VALUES, after_import)]
