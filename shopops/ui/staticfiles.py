"""Static files under hashed names, those that modules import included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Without this a browser would keep an imported module for an hour after an upgrade."""

    support_js_module_import_aggregation = True
