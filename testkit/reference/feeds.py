"""Counts what the feeds of the test data hold, with another language and other readers.

    CASEMATE_DATA=shared/data python3 testkit/reference/feeds.py

One line a file: name, records, entries that are skipped, entries that are rejected. The test
`feeds::counts_are_those_of_the_reference` states the same numbers.
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
from xml.etree import ElementTree

ROOT = os.environ["CASEMATE_DATA"]
CVE = re.compile(r"CVE-\d{4}-\d{4,19}")


def text(name):
    data = open(os.path.join(ROOT, name), "rb").read()
    if name.endswith(".zst"):
        data = subprocess.run(["zstd", "-dcq"], input=data, capture_output=True, check=True).stdout
    return data.decode()


def lines(name):
    return [json.loads(line) for line in text(name).splitlines() if line.strip()]


def show(name, records, skipped=0, rejected=0):
    print(f"{name}\t{records}\t{skipped}\t{rejected}")


def epss(name):
    rows = [row for row in csv.reader(io.StringIO(text(name))) if CVE.fullmatch(row[0])]
    show(name, len(rows))


def secdb(name):
    pairs = set()
    if name.endswith(".yaml"):
        package, rejected = None, 0
        for line in text(name).splitlines():
            if line.strip().startswith("name:"):
                package = line.split(":")[1].strip()
            for cve in CVE.findall(line):
                pairs.add((package, cve))
        show(name, len(pairs))
        return
    for entry in json.loads(text(name))["packages"]:
        for fixes in entry["pkg"]["secfixes"].values():
            for words in fixes:
                ids = CVE.findall(words) or [words.split()[0]]
                pairs.update((entry["pkg"]["name"], word) for word in ids)
    show(name, len(pairs))


def osv(name):
    repair = re.compile("^(RH|AL|RL)(BA|EA)-")
    done, skipped = 0, 0
    for record in [json.loads(text(name))] if "jsonl" not in name else lines(name):
        names = json.dumps([record.get(key) for key in ("aliases", "upstream", "related")])
        if repair.match(record["id"]) and not CVE.search(names):
            skipped += 1
        else:
            done += 1
    show(name, done, skipped)


def updates(name):
    done, skipped = 0, 0
    for update in ElementTree.fromstring(text(name)).iter("update"):
        references = [reference.get("id") or "" for reference in update.iter("reference")]
        if any(CVE.fullmatch(reference) for reference in references):
            done += 1
        else:
            skipped += 1
    show(name, done, skipped)


def alma(name):
    document = json.loads(text(name))
    done = skipped = 0
    for erratum in document["data"] if isinstance(document, dict) else document:
        ids = [reference["id"] for reference in erratum["references"]]
        if any(CVE.fullmatch(i or "") for i in ids):
            done += 1
        else:
            skipped += 1
    show(name, done, skipped)


def main():
    data = "distro_feeds"
    for name in sorted(os.listdir(os.path.join(ROOT, "epss"))):
        if name.endswith(".csv") and not name.startswith("bad_"):
            epss(f"epss/{name}")
    show("kev/known_exploited_vulnerabilities.json.zst", len(json.loads(text("kev/known_exploited_vulnerabilities.json.zst"))["vulnerabilities"]))
    patterns = lambda name: [o for o in json.loads(text(name))["objects"] if o["type"] == "attack-pattern"]
    show("attack/enterprise-attack.json.zst", len(patterns("attack/enterprise-attack.json.zst")))
    capec = patterns("attack/capec.json.zst")
    old = [o for o in capec if o.get("x_capec_status") in ("Deprecated", "Obsolete") or o.get("revoked")]
    show("attack/capec.json.zst", len(capec) - len(old), len(old))
    csv.field_size_limit(1 << 24)
    show("cwe/cwe_research_1000.csv.zst", len(list(csv.DictReader(io.StringIO(text("cwe/cwe_research_1000.csv.zst"))))))
    for name in ("cve_corpus/cve_corpus.jsonl.zst", "cve_vulnrichment/cves.jsonl.zst"):
        show(name, len(lines(name)))
    osv("osv_go/osv.jsonl.zst")
    for folder in ("alma/osv", "alpine/osv", "redhat/osv", "rocky/osv", "suse/osv", "ubuntu/osv", "debian"):
        for name in sorted(os.listdir(os.path.join(ROOT, data, folder))):
            if folder != "debian" or name.startswith("osv_"):
                osv(f"{data}/{folder}/{name}")
    for letter in "abd":
        name = f"{data}/debian/tracker_{letter}.json"
        show(name, sum(len(entries) for entries in json.loads(text(name)).values()))
    for folder in ("alpine", "chainguard"):
        for name in sorted(os.listdir(os.path.join(ROOT, data, folder))):
            if name.startswith("secdb"):
                secdb(f"{data}/{folder}/{name}")
    for folder in ("redhat/csaf_advisory", "redhat/csaf_vex", "suse/csaf", "suse/csaf_vex"):
        for name in sorted(os.listdir(os.path.join(ROOT, data, folder))):
            if name.endswith((".json", ".json.zst")):
                document = json.loads(text(f"{data}/{folder}/{name}"))
                show(f"{data}/{folder}/{name}", len(document["vulnerabilities"]))
    for name in sorted(os.listdir(os.path.join(ROOT, data, "ubuntu/vex"))):
        document = json.loads(text(f"{data}/ubuntu/vex/{name}"))
        show(f"{data}/ubuntu/vex/{name}", len({s["vulnerability"]["name"] for s in document["statements"]}))
    for name in ("amazon/updateinfo_2.xml", "amazon/updateinfo_2023.xml", "rocky/updateinfo.xml"):
        updates(f"{data}/{name}")
    for name in ("alma/errata.full.json", "alma/errata.json.zst"):
        alma(f"{data}/{name}")
    mappings = lines("nist80053_to_attack/mappings.jsonl.zst")
    mapped = [row for row in mappings if row["capability_id"]]
    show("nist80053_to_attack/mappings.jsonl.zst", len(mapped), len(mappings) - len(mapped))
    show("cve_to_attack/kev_attack-16.1.jsonl.zst", len(lines("cve_to_attack/kev_attack-16.1.jsonl.zst")))
    good = bad = 0
    for row in csv.DictReader(io.StringIO(text("cve_to_attack/attack_to_cve.csv"))):
        for column in ("Primary Impact", "Secondary Impact", "Exploitation Technique", "Uncategorized"):
            for word in re.split("[;, ]", row[column] or ""):
                if word:
                    fits = re.fullmatch(r"[Tt]\d{4}(\.\d{3})?", word.rstrip("."))
                    good, bad = good + bool(fits), bad + (not fits)
    show("cve_to_attack/attack_to_cve.csv", good, 0, bad)
    rules = lines("compliance_crosswalk/linux_rules.jsonl.zst")
    show("compliance_crosswalk/linux_rules.jsonl.zst", sum(len(all) for rule in rules for all in rule["references"].values()))
    show("gtfobins/gtfobins.jsonl.zst", len(lines("gtfobins/gtfobins.jsonl.zst")))
    show("sigma/rules.jsonl.zst", len(lines("sigma/rules.jsonl.zst")))
    turtle = text("d3fend/d3fend-protege.ttl.zst")
    show("d3fend/d3fend-protege.ttl.zst", len(re.findall(r':d3fend-id "D3-', turtle)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
