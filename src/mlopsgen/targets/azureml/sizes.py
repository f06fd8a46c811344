"""Which sizes of machines and which regions there are: sizes by the pattern of their series, since there are hundreds.

learn.microsoft.com/azure/virtual-machines/sizes, of 2026-11.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from mlopsgen.targets.listed import listed

REGIONS = Path(__file__).parent / "regions.txt"
_GEOGRAPHIES = ("asia", "asiapacific", "global")
"""What some resources take for a region."""
_CORES = r"(?:2|4|8|16|20|32|48|64|72|80|96)"
_SERIES = (
    r"D(?:[1-5]|1[1-5])(?:-[1-8])?(?:_v2)?(?:_Promo)?",
    r"DS(?:[1-5]|1[1-5])(?:-[1-8])?(?:_v2)?(?:_Promo)?",
    rf"D{_CORES}(?:s)?_v3",
    rf"D{_CORES}a?(?:d|ds|s)?_v[456]",
    rf"D{_CORES}(?:ld|lds|ls|ald|alds|als|pd|pds|ps|pld|plds|pls)_v[56]",
    rf"E{_CORES}(?:-\d+)?i?s?_v3",
    rf"E{_CORES}(?:-\d+)?i?a?(?:d|ds|s|bd|bs|bds|b|p|ps|pd|pds)?_v[456]",
    r"F(?:1|2|4|8|16)s?",
    rf"F{_CORES}(?:s_v2|(?:al?|am|a)?s_v6)",
    r"A[1248]m?_v2",
    r"B(?:1l?s|1ms|2s|2ms|4ms|8ms|12ms|16ms|20ms)",
    r"H(?:8|16)m?r?(?:_Promo)?",
    r"HB(?:60rs|120(?:-(?:16|32|64|96))?rs_v[23]|176(?:-(?:24|48|96|144))?rs_v4)",
    r"HC44(?:-(?:16|32))?rs",
    r"HX176(?:-(?:24|48|96|144))?rs",
    r"L(?:8|16|32|48|64|80)a?s_v[23]",
    r"M(?:8|16|32|64|128|208|416)(?:-\d+)?i?[a-z]*(?:_v[23])?",
    r"NC(?:6|12|24|24r)s_v[23]",
    r"NC(?:4|8|16|64)as_T4_v3",
    r"NC(?:24|48|96)ads_A100_v4",
    r"NC(?:40|80)adi?s_H100_v5",
    r"ND(?:6|12|24|24r)s",
    r"ND40rs_v2",
    r"ND96(?:asr_v4|amsr_A100_v4|isr_H100_v5|isr_H200_v5|is_H100_v5|isr_MI300X_v5)",
    r"ND96asr_A100_v4",
    r"NV(?:12|24|48)s_v3",
    r"NV(?:4|8|16|32)as_v4",
    r"NV(?:6|12|18|36|72)ad(?:m)?s_A10_v5",
    r"NP(?:10|20|40)s",
)
_RETIRED = (
    r"Standard_(?:NC(?:6|12|24r?)(?:_Promo)?|NC(?:6|12|24r?)s_v2|ND(?:6|12|24r?)s|NV(?:6|12|24)(?:_Promo)?"
    r"|H(?:8|16)m?r?(?:_Promo)?)"
)


def is_size(name: str) -> bool:
    """Whether machines of this name were ever sold."""
    return _sizes().fullmatch(name) is not None or is_retired(name)


def is_retired(name: str) -> bool:
    """Whether machines of this series were switched off: NC, NCv2, ND and NV of the first kind, H."""
    return re.fullmatch(_RETIRED, name, re.IGNORECASE) is not None


@cache
def _sizes() -> re.Pattern[str]:
    return re.compile(rf"(?:Standard|Basic)_(?:{'|'.join(_SERIES)})", re.IGNORECASE)


def is_region(name: str) -> bool:
    """Whether a region has this name; `West Europe` is one as well."""
    return name.lower().replace(" ", "") in (*listed(REGIONS), *_GEOGRAPHIES)
