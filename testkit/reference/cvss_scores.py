"""Prints the base scores that crates/triage/src/cvss.rs expects.

Run with: pip install cvss==3.4 && python testkit/reference/cvss_scores.py
"""

from cvss import CVSS2, CVSS3, CVSS4

VECTORS = [
    "AV:N/AC:L/Au:N/C:C/I:C/A:C",
    "AV:L/AC:H/Au:N/C:C/I:C/A:C",
    "AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C",
    "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
    "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H/E:P",
    "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
    "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
]

for vector in VECTORS:
    if vector.startswith("CVSS:4"):
        score = CVSS4(vector).base_score
    elif vector.startswith("CVSS:3"):
        score = CVSS3(vector).scores()[0]
    else:
        score = CVSS2(vector).scores()[0]
    print(f"{float(score):4.1f}  {vector}")
