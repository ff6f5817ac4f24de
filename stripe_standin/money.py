"""Currencies: which there are, how many decimals they have, and the smallest and largest amounts."""

from stripe_standin import errors

CURRENCIES = frozenset(
    [
        "aed",
        "afn",
        "all",
        "amd",
        "ang",
        "aoa",
        "ars",
        "aud",
        "awg",
        "azn",
        "bam",
        "bbd",
        "bdt",
        "bgn",
        "bhd",
        "bif",
        "bmd",
        "bnd",
        "bob",
        "brl",
        "bsd",
        "bwp",
        "byn",
        "bzd",
        "cad",
        "cdf",
        "chf",
        "clp",
        "cny",
        "cop",
        "crc",
        "cve",
        "czk",
        "djf",
        "dkk",
        "dop",
        "dzd",
        "egp",
        "etb",
        "eur",
        "fjd",
        "fkp",
        "gbp",
        "gel",
        "gip",
        "gmd",
        "gnf",
        "gtq",
        "gyd",
        "hkd",
        "hnl",
        "htg",
        "huf",
        "idr",
        "ils",
        "inr",
        "isk",
        "jmd",
        "jod",
        "jpy",
        "kes",
        "kgs",
        "khr",
        "kmf",
        "krw",
        "kwd",
        "kyd",
        "kzt",
        "lak",
        "lbp",
        "lkr",
        "lrd",
        "lsl",
        "mad",
        "mdl",
        "mga",
        "mkd",
        "mmk",
        "mnt",
        "mop",
        "mur",
        "mvr",
        "mwk",
        "mxn",
        "myr",
        "mzn",
        "nad",
        "ngn",
        "nio",
        "nok",
        "npr",
        "nzd",
        "omr",
        "pab",
        "pen",
        "pgk",
        "php",
        "pkr",
        "pln",
        "pyg",
        "qar",
        "ron",
        "rsd",
        "rub",
        "rwf",
        "sar",
        "sbd",
        "scr",
        "sek",
        "sgd",
        "shp",
        "sle",
        "sos",
        "srd",
        "std",
        "szl",
        "thb",
        "tjs",
        "tnd",
        "top",
        "try",
        "ttd",
        "twd",
        "tzs",
        "uah",
        "ugx",
        "usd",
        "uyu",
        "uzs",
        "vnd",
        "vuv",
        "wst",
        "xaf",
        "xcd",
        "xcg",
        "xof",
        "xpf",
        "yer",
        "zar",
        "zmw",
    ]
)
ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
MINIMUM = {
    "dkk": 250, "nok": 300, "sek": 300, "czk": 1500, "pln": 200, "ron": 200, "huf": 17500, "hkd": 400, "gbp": 30,
    "mxn": 1000, "myr": 200, "thb": 1000, "aed": 200, "usd": 50, "eur": 50, "cad": 50, "aud": 50, "nzd": 50,
    "chf": 50, "sgd": 50, "brl": 50, "inr": 50, "jpy": 50,
}  # fmt: skip
MAXIMUM = 99_999_999
SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "cad": "$", "aud": "$", "nzd": "$", "inr": "₹"}


def shown(amount: int, currency: str) -> str:
    """Return an amount in minor units as Stripe's messages write it, such as `€12.00`."""
    sign = SIGNS.get(currency, "")
    if currency in ZERO_DECIMAL:
        return f"{sign}{amount}"
    places = 3 if currency in THREE_DECIMAL else 2
    return f"{sign}{amount // 10**places}.{amount % 10**places:0{places}d}"


def check_currency(currency: str) -> str:
    """Return a currency code in lower case. Raises `Refusal` 400 when nobody uses it."""
    code = currency.lower()
    if code not in CURRENCIES:
        message = f"Invalid currency: {code}. Stripe currently supports these currencies: {', '.join(sorted(CURRENCIES))}"
        raise errors.invalid(message, "currency")
    return code


def check_amount(amount: int, currency: str, param: str = "amount") -> int:
    """Return an amount in minor units that may be charged. Raises `Refusal` 400: too small, too large."""
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise errors.invalid(message, param, "parameter_invalid_integer")
    least = MINIMUM.get(currency, 1)
    if amount < least:
        message = f"Amount must be at least {shown(least, currency)} {currency}"
        raise errors.invalid(message, param, "amount_too_small")
    most = 999_999_999_999 if currency == "idr" else MAXIMUM
    if amount > most:
        message = f"Amount must be no more than {shown(most, currency)} {currency}"
        raise errors.invalid(message, param, "amount_too_large")
    if currency in THREE_DECIMAL and amount % 10:
        raise errors.invalid(f"Invalid amount: the last digit of an amount in {currency} must be 0.", param)
    return amount
