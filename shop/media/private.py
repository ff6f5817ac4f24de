"""Where files lie that are sold. None has an address of its own: an order's page sends them."""

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages


class PrivateStorage(FileSystemStorage):
    """Files in PRIVATE_ROOT. Asked for an address, it raises ValueError."""

    @property
    def base_location(self) -> str:
        """Return the folder that the settings name now."""
        return str(settings.PRIVATE_ROOT)

    @property
    def location(self) -> str:
        """Return the folder, as an absolute path."""
        return str(Path(self.base_location).absolute())

    @property
    def base_url(self) -> None:  # type: ignore[override]
        """Return nothing: no address leads here."""
        return


def storage() -> Storage:
    """Return the storage of private files, for fields and whoever writes them."""
    return storages["private"]
