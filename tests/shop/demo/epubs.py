"""Opens an EPUB as a reader does, and checks what a reader needs on the way."""

from io import BytesIO
from posixpath import dirname, join
from xml.etree import ElementTree as ET
from zipfile import ZIP_STORED, ZipFile

NAMES = {
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
    "opf": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
    "h": "http://www.w3.org/1999/xhtml",
}
TYPE = "{http://www.idpf.org/2007/ops}type"


def opened(content: bytes) -> str:
    """Return the title of an EPUB 3, whose structure must hold: https://www.w3.org/TR/epub-33/"""
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type, first.extra) == ("mimetype", ZIP_STORED, b"")
        assert archive.read("mimetype") == b"application/epub+zip"
        trees = {
            name: ET.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith((".xml", ".opf", ".xhtml"))
        }
        names = set(archive.namelist())
    path = trees["META-INF/container.xml"].find("c:rootfiles/c:rootfile", NAMES).get("full-path")
    return _check_package(trees, path, names)


def _check_package(trees: dict[str, ET.Element], path: str, names: set[str]) -> str:
    package = trees[path]
    assert package.get("version") == "3.0"
    identifier = package.find("opf:metadata/dc:identifier", NAMES)
    assert identifier.get("id") == package.get("unique-identifier")
    assert identifier.text.startswith("urn:uuid:")
    assert package.findtext("opf:metadata/dc:language", namespaces=NAMES) == "en"
    modified = package.find("opf:metadata/opf:meta[@property='dcterms:modified']", NAMES)
    assert modified.text.endswith("Z")

    items = {item.get("id"): item for item in package.findall("opf:manifest/opf:item", NAMES)}
    files = {join(dirname(path), item.get("href")) for item in items.values()}
    assert files == names - {"mimetype", "META-INF/container.xml", path}
    read = [items[ref.get("idref")].get("href") for ref in package.findall("opf:spine/opf:itemref", NAMES)]
    assert len(read) == len(set(read)) >= 3

    [nav] = [item for item in items.values() if item.get("properties") == "nav"]
    contents = trees[join(dirname(path), nav.get("href"))].find(".//h:nav", NAMES)
    assert contents.get(TYPE) == "toc"
    links = [link.get("href") for link in contents.findall(".//h:a", NAMES)]
    assert links == [href for href in read if href != nav.get("href")]
    return package.findtext("opf:metadata/dc:title", namespaces=NAMES)
