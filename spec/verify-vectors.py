#!/usr/bin/env python3
"""Reads spec/vectors by spec/protocol.md alone: a second, independent reading of the protocol.

Needs nothing but Python's standard library and the `openssl` command. Prints one JSON summary; the exit code is 0 when
every vector came out as it expects. `verify-vectors.py [FOLDER]`; FOLDER defaults to `vectors` beside this file.
Numbers in comments are sections of spec/protocol.md.
"""

import base64
import binascii
import calendar
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import xml.parsers.expat
from datetime import datetime, timezone

DEPTH_MAX = 32
MESSAGE_BYTES_MAX = 3_145_728
CHAIN_CERTIFICATES_MAX = 4
SAFE = 2**53 - 1
COUNT_MAX = 1_000_000_000
DAY_MS = 86_400_000


class Refused(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


def need(condition, code):
    if not condition:
        raise Refused(code)


# --- bytes, text, JSON (2) -------------------------------------------------------------------------------------------


def decode_text(data, limit=MESSAGE_BYTES_MAX):
    need(len(data) <= limit, "message_too_large")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("invalid_utf8") from None


class Duplicate(Exception):
    pass


def members(pairs):
    result = {}
    for name, value in pairs:
        if name in result:
            raise Duplicate
        result[name] = value
    return result


def refuse_constant(_text):
    raise ValueError("not JSON")


def parse_json(text):
    need(depth_of(text) <= DEPTH_MAX, "json_too_deep")
    need(not text.startswith("\ufeff"), "invalid_json")
    try:
        hooks = {"parse_int": whole, "parse_float": by_value, "parse_constant": refuse_constant}
        value = json.loads(text, object_pairs_hook=members, **hooks)
    except Duplicate:
        raise Refused("duplicate_member") from None
    except ValueError:
        raise Refused("invalid_json") from None
    refuse_surrogates(value)
    return value


def whole(text):
    """Integers beyond 2^53 stand for their digits."""
    by_value(text)
    return int(text) if abs(int(text)) <= SAFE else text


def by_value(text):
    """1.0 and 1e0 are whole numbers: the value of a number counts, not its spelling."""
    value = float(text)
    if abs(value) == float("inf"):
        raise ValueError("too large")
    return int(value) if value.is_integer() and abs(value) <= SAFE else value


def depth_of(text):
    depth = deepest = 0
    for part in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text, re.S):
        if part[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif part[0] in "]}":
            depth -= 1
    return deepest


def refuse_surrogates(value):
    if isinstance(value, str):
        need(not re.search("[\ud800-\udfff]", value), "invalid_json")
    elif isinstance(value, list):
        for item in value:
            refuse_surrogates(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            refuse_surrogates(name)
            refuse_surrogates(item)


# --- shapes (5, 6, 7, 11) --------------------------------------------------------------------------------------------
# A shape is a function value -> value; it raises Wrong. An object's shape is a dict; a name that ends in "?" may miss.


class Wrong(Exception):
    pass


def check(shape, value, code):
    try:
        return shape_of(shape)(value)
    except Wrong:
        raise Refused(code) from None


def shape_of(shape):
    return obj(shape) if isinstance(shape, dict) else shape


def obj(entries):
    def take(value):
        if not isinstance(value, dict):
            raise Wrong
        names = {name.rstrip("?"): (shape_of(shape), name.endswith("?")) for name, shape in entries.items()}
        if set(value) - set(names):
            raise Wrong
        result = {}
        for name, (shape, may_miss) in names.items():
            if name in value:
                result[name] = shape(value[name])
            elif not may_miss:
                raise Wrong
        return result

    return take


def want(predicate):
    def take(value):
        if not predicate(value):
            raise Wrong
        return value

    return take


def utf16_length(text):
    return len(text.encode("utf-16-le")) // 2


def string(pattern=None, least=0, most=None):
    def fits(value):
        if not isinstance(value, str) or (pattern and not re.fullmatch(pattern, value)):
            return False
        return least <= utf16_length(value) and (most is None or utf16_length(value) <= most)

    return want(fits)


def number(least=0, most=SAFE):
    return want(lambda value: type(value) is int and least <= value <= most)


def literal(*values):
    return want(lambda value: any(type(value) is type(each) and value == each for each in values))


def array(item, least=0, most=None):
    def take(value):
        if not isinstance(value, list) or not least <= len(value) or (most is not None and len(value) > most):
            raise Wrong
        return [shape_of(item)(each) for each in value]

    return take


def nullable(shape):
    return lambda value: None if value is None else shape_of(shape)(value)


def digits_or_number(value):
    """A decimal id, which older peers send as a number."""
    if type(value) is int and value >= 0:
        value = str(value)
    if not isinstance(value, str) or not re.fullmatch("[0-9]{1,20}", value):
        raise Wrong
    return value


UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
LABEL = r"[\x21-\x2b\x2d\x2f-\x7e]+"
TAG = rf"(regid\.[0-9]{{4}}-[0-9]{{2}}(?:\.{LABEL})+)\.({LABEL}),([\x21-\x2b\x2d-\x7e]+)_({UUID})"
IDENTITY = r"[\x21-\x2b\x2d-\x7e]{1,64}"
BASE64 = r"[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*"

text = string(most=256)
some_text = string(least=1, most=256)
any_string = string()
boolean = literal(True, False)
tag = string(TAG, most=512)
uuid = string(UUID)
uuid_or_empty = string(rf"(?:{UUID})?")
base64_text = string(BASE64)
serial = string("[0-9]{1,60}")
serial_or_empty = string("[0-9]{0,60}")
sha256_hex = string("[0-9a-f]{64}")
epoch_ms = number(0, 253_402_300_799_999)
epoch_s = number(0, 253_402_300_799)
SUDI = {"udi_pid": string(IDENTITY), "udi_serial_number": string(IDENTITY)}
role = literal("Active", "Standby", "Member")

PEER = {
    "name": text,
    "version": text,
    "production": boolean,
    "additional_info": text,
    "capabilities": array(text, most=64),
}
REQUEST_HEADER = {
    "request_type": text,
    "sudi": SUDI,
    "version": literal("1.3"),
    "locale": text,
    "signing_cert_serial_number?": serial_or_empty,
    "id_cert_serial_number?": serial_or_empty,
    "product_instance_identifier": uuid_or_empty,
    "nonce?": digits_or_number,
    "timestamp?": epoch_ms,
    "connect_info": PEER,
}
ANSWER_HEADER = {
    "version": literal("1.3"),
    "locale": text,
    "timestamp": epoch_ms,
    "nonce": nullable(digits_or_number),
    "request_type": nullable(text),
    "sudi": nullable(SUDI),
    "agent_actions": literal(None),
    "connect_info": PEER,
    "product_instance_identifier": any_string,
    "id_cert_serial_number": nullable(any_string),
    "signing_cert_serial_number": nullable(any_string),
}
text_or_object = want(lambda value: isinstance(value, (str, dict)))
REQUEST_SIGNATURE = {"type": nullable(any_string), "key": nullable(serial), "value": nullable(any_string)}
REQUEST_OUTER = {"request": text_or_object, "signature?": nullable(REQUEST_SIGNATURE)}
REQUEST_INNER = {"header": REQUEST_HEADER, "request_data": text_or_object}
certificates = array(base64_text, most=CHAIN_CERTIFICATES_MAX)
ANSWER_SIGNATURE = {
    "type": nullable(any_string),
    "value": nullable(any_string),
    "piid": nullable(any_string),
    "cert_sn": nullable(serial),
    "certificates?": certificates,
}
ANSWER_OUTER = {"signature": ANSWER_SIGNATURE, "response": any_string, "sch_response": literal(None)}
ANSWER_INNER = {
    "header": ANSWER_HEADER,
    "status_code": literal("OK", "OK_POLL", "OK_TRY_AGAIN", "FAILED"),
    "status_message": any_string,
    "retry_time_seconds": number(),
    "response_data": any_string,
}

BUILTIN = {"sudi": SUDI, "signing_type": literal("builtin"), "key": tag, "value": any_string}
TRUST = {"sudi": SUDI, "signing_type": literal("trust"), "type": any_string, "key": serial, "value": any_string}


def report_signature(value):
    kind = value.get("signing_type") if isinstance(value, dict) else None
    return obj(BUILTIN if kind == "builtin" else TRUST)(value)


payload_text = string(least=1)
SIGNED_REPORT = {"payload": payload_text, "header": {"type": literal("rum")}, "signature": report_signature}
MANAGER_OBJECT = {
    "payload": payload_text,
    "header": {"type": literal("ack", "policy", "trust", "auth", "account", "tree-head", "conversion")},
    "signature": {
        "type": any_string,
        "cert_sn": serial,
        "value": any_string,
        "certificates": array(base64_text, least=1, most=CHAIN_CERTIFICATES_MAX),
    },
}

HEAD = {"ledger_id": uuid, "size": number(), "root_sha256": sha256_hex}
PROOF_HASHES = array(sha256_hex, most=128)
LEDGER_TALK = {"known_tree_head?": HEAD, "refused_tree_head?": HEAD}

REQUEST_COMMON = {
    "sudi": SUDI,
    "timestamp": epoch_ms,
    "nonce": digits_or_number,
    "product_instance_identifier": uuid_or_empty,
}
ENROLLING = {
    "sudi": SUDI,
    "trust_id": number(0, 65_535),
    "role": role,
    "software_tag_identifier": tag,
    "product_instance_identifier": uuid_or_empty,
    "csr": base64_text,
    "id_cert_sn": serial_or_empty,
}
SOFTWARE = {"hostname": text, "software_tag_identifier": tag, "software_version?": text}
ENROLMENT = {**REQUEST_COMMON, **SOFTWARE, "device_list": array(ENROLLING, 1, 64)}
DEVICE = {"sudi": SUDI, "product_instance_identifier": uuid_or_empty, "role": role}
ANSWER_COMMON = {"nonce": digits_or_number, "sudi": SUDI}
DEVICE_ANSWER = {
    "sudi": SUDI,
    "product_instance_identifier": uuid_or_empty,
    "smart_license": base64_text,
    "status_code": literal("OK", "FAILED"),
    "status_message": any_string,
}
DEVICE_ANSWERS = {**ANSWER_COMMON, "device_list": array(DEVICE_ANSWER, 0, 64)}
USAGE_ANSWER = {**DEVICE_ANSWERS, "consistency_proof?": PROOF_HASHES}
ENROLLED = {**DEVICE_ANSWERS, "smart_account_name": some_text, "pool_name": some_text}
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
confirm_code = string("[0-9a-f]{8}")
return_code = string(f"(?:[{BASE58}]{{6}}-){{9}}[{BASE58}]{{3}}")
LICENSE = {"entitlement_tag": tag, "license_class": literal("enforced", "export"), "count": number(1, COUNT_MAX)}
WISH = {
    "sudi": SUDI,
    "product_instance_identifier": uuid,
    "mode": literal("add", "replace"),
    "keys": lambda value: licenses(value, 0),
    "confirm_code": lambda value: "" if value == "" else confirm_code(value),
    "remove_code": lambda value: "" if value == "" else return_code(value),
}
TOLD = {"sudi": SUDI, "product_instance_identifier": uuid, "sequence": number()}
AUTHORIZATION_REFUSALS = [
    "authorization_not_purchased",
    "authorization_export_not_allowed",
    "authorization_unknown",
    "authorization_withdrawn",
    "authorization_of_other_installation",
]
AUTHORIZED = {
    **ANSWER_COMMON,
    "device_list": array({**DEVICE_ANSWER, "code": literal("", *AUTHORIZATION_REFUSALS)}, 0, 64),
}


def licenses(value, least):
    taken = array(LICENSE, least, 64)(value)
    if len({each["entitlement_tag"] for each in taken}) != len(taken):
        raise Wrong
    return taken


def wish(value):
    taken = obj(WISH)(value)
    if not taken["keys"] and not taken["confirm_code"] and not taken["remove_code"]:
        raise Wrong
    return taken


WISHES = array(wish, 1, 64)
REFUSAL = {"code": any_string, "remedy": any_string, "incident_id?": any_string}
POLL_LATER = {**ANSWER_COMMON, "poll_id": digits_or_number, "poll_interval": number()}

# Classic (11.9 to 11.12, 15)
REGISTERED_COMMON = {**REQUEST_COMMON, "product_instance_identifier": uuid}
REGISTERED = {"sudi": SUDI, "product_instance_identifier": uuid, "role": role}
RENEWING = {**REGISTERED, "csr": string(rf"(?=.){BASE64}"), "id_cert_sn": serial}
REGISTRATION = {
    **ANSWER_COMMON,
    "smart_account_name": some_text,
    "pool_name": some_text,
    "export_control_allowed": boolean,
}
REGISTERED_ANSWER = {
    **REGISTRATION,
    "device_list": array(
        {
            "sudi": SUDI,
            "product_instance_identifier": uuid_or_empty,
            "id_certificate": base64_text,
            "chain": certificates,
            "status_code": literal("OK", "FAILED"),
            "status_message": any_string,
        },
        0,
        64,
    ),
}
JUDGED = {
    "entitlement_tag": tag,
    "count": number(1, COUNT_MAX),
    "status": literal("AUTHORIZED", "OUT_OF_COMPLIANCE"),
    "shortfall": number(),
}


def judged_entitlement(value):
    taken = obj(JUDGED)(value)
    if (taken["status"] == "AUTHORIZED") != (taken["shortfall"] == 0):
        raise Wrong
    return taken


def no_tag_twice(shape, value):
    taken = array(shape, 0, 64)(value)
    if len({each["entitlement_tag"] for each in taken}) != len(taken):
        raise Wrong
    return taken


LEGACY_LICENSE = {"kind": literal("right_to_use", "pak"), "name": some_text, "entitlement_tag": tag, "count": number(1, COUNT_MAX)}
CONVERSION_REFUSALS = ["conversion_not_allowed", "conversion_done_elsewhere", "conversion_of_other_installation"]


def legacy_licenses(value):
    taken = array(LEGACY_LICENSE, 1, 64)(value)
    if len({(each["kind"], each["name"]) for each in taken}) != len(taken):
        raise Wrong
    return taken


MESSAGES = {
    "ID_TOKEN_TRUST": (
        {**ENROLMENT, "token?": string(least=1, most=1024), "mode": literal("PERMANENT"), "force": boolean},
        ENROLLED,
    ),
    "TRUST_SYNC": (ENROLMENT, ENROLLED),
    "LICENSE_USAGE": (
        {
            **REQUEST_COMMON,
            **LEDGER_TALK,
            **SOFTWARE,
            "device_list": array(DEVICE, 1, 64),
            "rum_reports": array(SIGNED_REPORT, 0, 10_000),
        },
        USAGE_ANSWER,
    ),
    "POLL_REQ": (
        {
            **REQUEST_COMMON,
            **LEDGER_TALK,
            "original_request_type": literal("LICENSE_USAGE"),
            "original_piid": uuid_or_empty,
            "poll_id": digits_or_number,
        },
        USAGE_ANSWER,
    ),
    "AUTHORIZATION_REQUEST": ({**REQUEST_COMMON, **SOFTWARE, "device_list": WISHES}, AUTHORIZED),
    "AUTHORIZATION_CONFIRM": (
        {**REQUEST_COMMON, "device_list": array({**TOLD, "confirm_code": confirm_code}, 1, 64)},
        AUTHORIZED,
    ),
    "AUTHORIZATION_RETURN": (
        {**REQUEST_COMMON, "device_list": array({**TOLD, "return_code": return_code}, 1, 64)},
        AUTHORIZED,
    ),
    "HELLO": (REQUEST_COMMON, {**ANSWER_COMMON, "server_time": epoch_ms}),
    "REGISTER": ({**ENROLMENT, "token": string(least=1, most=1024), "force": boolean}, REGISTERED_ANSWER),
    "RENEW_ID": (
        {**REGISTERED_COMMON, **SOFTWARE, "device_list": array(RENEWING, 1, 64)},
        REGISTERED_ANSWER,
    ),
    "AUTHORIZE": (
        {
            **REGISTERED_COMMON,
            **SOFTWARE,
            "device_list": array(REGISTERED, 1, 64),
            "entitlements": lambda value: no_tag_twice({"entitlement_tag": tag, "count": number(1, COUNT_MAX)}, value),
        },
        {
            **REGISTRATION,
            "entitlements": lambda value: no_tag_twice(judged_entitlement, value),
            "renew_after_seconds": number(1, 2_592_000),
            "expires_at": epoch_ms,
        },
    ),
    "DEREGISTER": ({**REGISTERED_COMMON, "device_list": array(REGISTERED, 1, 64)}, ANSWER_COMMON),
    "RELAYED_REQUESTS": (
        {
            **REQUEST_COMMON,
            "items": array(
                {
                    "item_id": digits_or_number,
                    "kind": literal("message", "usage-file"),
                    "received_at": epoch_ms,
                    "content": base64_text,
                },
                1,
                100,
            ),
        },
        {
            **ANSWER_COMMON,
            "items": array(
                {"item_id": digits_or_number, "content": base64_text, "code": text, "remedy": any_string}, 0, 100
            ),
        },
    ),
    "CONVERSION": (
        {
            **REGISTERED_COMMON,
            **SOFTWARE,
            "device_list": array(
                {"sudi": SUDI, "product_instance_identifier": uuid, "licenses": legacy_licenses}, 1, 64
            ),
        },
        {
            **ANSWER_COMMON,
            "device_list": array({**DEVICE_ANSWER, "code": literal("", *CONVERSION_REFUSALS)}, 0, 64),
        },
    ),
}

# What a relay may say by its own signature (section 16).
RELAY_MAY = {
    "OK_TRY_AGAIN": set(MESSAGES),
    "OK": {"LICENSE_USAGE", "POLL_REQ"},
    "OK_POLL": {"LICENSE_USAGE", "POLL_REQ"},
    "FAILED": {"POLL_REQ"},
}

MEASUREMENT_META = {
    "termination_reason?": text,
    "close_reason?": text,
    "clock_change_delta?": string("-?[0-9]{1,12}"),
    "added_sudi_list?": array(SUDI, 0, 100_000),
    "removed_sudi_list?": array(SUDI, 0, 100_000),
    "merged_measurements?": number(),
    "merged_count_seconds?": string("[0-9]{1,20}"),
}
MEASUREMENT = {
    "log_time": epoch_s,
    "metric_name": literal("ENTITLEMENT"),
    "start_time": epoch_s,
    "end_time": epoch_s,
    "sample_interval": number(),
    "num_samples": number(),
    "meta": MEASUREMENT_META,
    "value": {"type": literal("COUNT"), "value": want(lambda v: isinstance(v, str) and re.fullmatch("[0-9]{1,16}", v) and int(v) <= COUNT_MAX)},
}


def measurement(value):
    taken = obj(MEASUREMENT)(value)
    length = taken["end_time"] - taken["start_time"]
    if length < 0 or length != taken["sample_interval"]:
        raise Wrong
    return taken


def id_range_text(value):
    if not isinstance(value, str) or len(value) > 4096:
        raise Wrong
    try:
        id_ranges(value)
    except Refused:
        raise Wrong from None
    return value


RUM_REPORT = {
    "version": literal("2.0"),
    "asset_identification": {
        "report_id": number(),
        "asset": {"name": tag},
        "instance": {"sudi": SUDI, "product_instance_identifier?": uuid_or_empty},
    },
    "meta": {
        "entitlement_tag": tag,
        "utility_enabled": boolean,
        "software_version": text,
        "ha_udi": array({"role": role, "sudi": SUDI}, 1, 64),
        "merged_report_ids?": id_range_text,
    },
    "measurements": array(measurement, 1, 500),
}
REFUSALS = [
    "report_conflict",
    "report_signature_invalid",
    "report_signer_unknown",
    "report_malformed",
    "report_of_other_installation",
    "report_untrusted_not_allowed",
]
TAKEN = {"report_id": number(), "payload_sha256": sha256_hex, "outcome": literal("accepted", "known"), "leaf_index": number()}
NOT_TAKEN = {
    "report_id": nullable(number()),
    "payload_sha256": sha256_hex,
    "outcome": literal("refused"),
    "code": literal(*REFUSALS),
    "remedy": text,
}


def acknowledged_report(value):
    is_refused = isinstance(value, dict) and value.get("outcome") == "refused"
    return obj(NOT_TAKEN if is_refused else TAKEN)(value)


ACKNOWLEDGEMENT = {
    "version": literal("1.0"),
    "product_instance_identifier": uuid,
    "sudi": SUDI,
    "sequence": number(),
    "acknowledged_at": epoch_ms,
    "policy_version": number(),
    "reports": array(acknowledged_report, 0, 10_000),
    "tree_head": nullable(HEAD),
}
SOURCES = ["default", "product", "account", "virtual account", "imported file"]
CLASSES = ["perpetual", "subscription", "enforced", "export"]
DEMANDS = ["first_report_days", "reporting_frequency_days", "report_on_change_days"]
days = {"value": number(0, 3650), "source": literal(*SOURCES)}
POLICY = {
    "version": literal("1.0"),
    "name": some_text,
    "policy_version": number(),
    "issued_at": epoch_ms,
    "ack_required": {"value": boolean, "source": literal(*SOURCES)},
    "classes": {name: {demand: obj(days) for demand in DEMANDS} for name in CLASSES},
}
TRUST_CODE = {
    "version": literal("1.0"),
    "product_instance_identifier": uuid,
    "installation_identifier": uuid,
    "sudi": SUDI,
    "trust_id": number(),
    "smart_account_name": some_text,
    "virtual_account_name": some_text,
    "issued_at": epoch_ms,
    "id_certificate": base64_text,
    "chain": certificates,
    "export_control_allowed": boolean,
}
ACCOUNT = {
    "version": literal("1.0"),
    "product_instance_identifier": uuid,
    "smart_account_name": some_text,
    "virtual_account_name": some_text,
    "as_of": epoch_ms,
}
AUTHORIZATION = {
    "version": literal("1.0"),
    "product_instance_identifier": uuid,
    "sudi": SUDI,
    "sequence": number(),
    "issued_at": epoch_ms,
    "licenses": lambda value: licenses(value, 1),
}
TREE_HEAD = {"version": literal("1.0"), **HEAD, "signed_at": epoch_ms}
CONVERSION = {
    "version": literal("1.0"),
    "sudi": SUDI,
    "smart_account_name": some_text,
    "virtual_account_name": some_text,
    "converted_at": epoch_ms,
    "licenses": legacy_licenses,
}
PAYLOADS = {"ack": ACKNOWLEDGEMENT, "policy": POLICY, "trust": TRUST_CODE, "auth": AUTHORIZATION, "account": ACCOUNT, "tree-head": TREE_HEAD, "conversion": CONVERSION}
PROOF_FILE = {
    "countersign_proof": literal("1.0"),
    "payload_sha256": sha256_hex,
    "report": nullable(SIGNED_REPORT),
    "device_certificates": certificates,
    "acknowledgement": MANAGER_OBJECT,
    "leaf_index": number(),
    "inclusion_proof": PROOF_HASHES,
    "consistency_proof": PROOF_HASHES,
    "tree_head": MANAGER_OBJECT,
    "root_certificate": base64_text,
}
ACTOR_KINDS = {
    "operator": {"name": any_string, "operator_id": nullable(number())},
    "local": {},
    "message": {"product_instance_identifier": any_string},
    "system": {"name": any_string},
}


def actor(value):
    kind = value.get("kind") if isinstance(value, dict) else None
    known = ACTOR_KINDS.get(kind) if isinstance(kind, str) else None
    return obj({"kind": literal(*ACTOR_KINDS), **(known or {})})(value)


anything = want(lambda value: True)
CHANGE = {
    "event": some_text,
    "virtual_account_id": nullable(number()),
    "installation_id": nullable(number()),
    "before": anything,
    "after": anything,
}
ACT_ENTRY = {
    "version": literal("1.0"),
    "act": some_text,
    "part": number(1),
    "parts": number(1),
    "at": string(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "by": actor,
    "reason": nullable(any_string),
    "file_sha256": nullable(any_string),
    "changes": array(CHANGE),
}
ACT_PROOF_FILE = {
    "countersign_act_proof": literal("1.0"),
    "entry": payload_text,
    "leaf_index": number(),
    "inclusion_proof": PROOF_HASHES,
    "tree_head": MANAGER_OBJECT,
    "root_certificate": base64_text,
}


# --- base64, openssl (1) ---------------------------------------------------------------------------------------------


def strict_base64(value, code="signature_malformed"):
    compact = value.replace("\r", "").replace("\n", "")
    try:
        decoded = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(code) from None
    need(compact != "" and base64.b64encode(decoded).decode() == compact, code)
    return decoded


def openssl(arguments, files):
    """Runs openssl on named byte strings: an argument `@name` is the path of files[name]. True when it exits with 0.

    Most vectors alter one thing of a message and leave its certificates and signatures as they are. The same question about
    the same bytes has one answer, so it is asked once.
    """
    question = (tuple(arguments), tuple(sorted(files.items())))
    if question not in answers:
        answers[question] = run_openssl(arguments, files)
    return answers[question]


def run_openssl(arguments, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            with open(os.path.join(folder, name), "wb") as out:
                out.write(content)
        command = ["openssl", *(os.path.join(folder, a[1:]) if a.startswith("@") else a for a in arguments)]
        counts["opensslRuns"] += 1
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def signature_fits(spki, message, signature):
    """`signature` as openssl wants it: PKCS#1 v1.5 for RSA, DER for ECDSA."""
    pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(spki) + b"-----END PUBLIC KEY-----\n"
    arguments = ["dgst", "-sha256", "-verify", "@key", "-signature", "@signature", "@message"]
    return openssl(arguments, {"key": pem, "signature": signature, "message": message})


def ecdsa_der(raw):
    """IEEE P1363 (r and s side by side) to the DER sequence of two integers."""
    half = len(raw) // 2
    parts = b""
    for number_bytes in (raw[:half], raw[half:]):
        content = number_bytes.lstrip(b"\0") or b"\0"
        content = b"\0" + content if content[0] & 0x80 else content
        parts += bytes([2, len(content)]) + content
    return bytes([0x30, len(parts)]) + parts


def verify_signature(named, spki, message, value):
    algorithm, size = key_facts(spki)
    need(named in ("SHA256", "ES256"), "signature_algorithm_unknown")
    need(named == algorithm, "signature_algorithm_mismatch")
    raw = strict_base64(value)
    need(len(raw) == size, "signature_malformed")
    need(signature_fits(spki, message, ecdsa_der(raw) if algorithm == "ES256" else raw), "signature_mismatch")


# --- X.509 (4) -------------------------------------------------------------------------------------------------------


def read_element(data, at=0):
    """(tag, content, whole element, where the next one starts); strict enough for certificates."""
    if len(data) < at + 2:
        raise ValueError("cut off")
    length, start = data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    end = start + length
    if end > len(data):
        raise ValueError("cut off")
    return data[at], data[start:end], data[at:end], end


def elements(data):
    at, found = 0, []
    while at < len(data):
        kind, content, whole_element, at = read_element(data, at)
        found.append((kind, content, whole_element))
    return found


def oid(content):
    numbers, value = [content[0] // 40, content[0] % 40], 0
    for byte in content[1:]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    return ".".join(map(str, numbers))


def asn1_time(kind, content):
    form = "%y%m%d%H%M%SZ" if kind == 0x17 else "%Y%m%d%H%M%SZ"
    return calendar.timegm(datetime.strptime(content.decode(), form).replace(tzinfo=timezone.utc).timetuple()) * 1000


class Certificate:
    def __init__(self, der):
        kind, content, whole_element, end = read_element(der)
        if kind != 0x30 or end != len(der):
            raise ValueError("not one certificate")
        (_, tbs, self.tbs), _, (_, signature, _) = elements(content)
        self.der, self.signature = der, signature[1:]
        fields = elements(tbs)
        if fields[0][0] == 0xA0:
            fields = fields[1:]
        serial_field, _, issuer, validity, subject, spki = fields[:6]
        self.serial = int.from_bytes(serial_field[1], "big", signed=True)
        if self.serial < 0:
            raise ValueError("negative serial number")
        self.issuer, self.subject, self.spki = issuer[2], subject[2], spki[2]
        (first_kind, first, _), (last_kind, last, _) = elements(validity[1])
        self.not_before, self.not_after = asn1_time(first_kind, first), asn1_time(last_kind, last)
        self.is_authority, self.usages = False, []
        for kind, content, _ in fields[6:]:
            if kind == 0xA3:
                self.read_extensions(elements(content)[0][1])

    def read_extensions(self, content):
        for _, extension, _ in elements(content):
            parts = elements(extension)
            name, value = oid(parts[0][1]), elements(parts[-1][1])[0][1]
            if name == "2.5.29.19":
                inner = elements(value)
                self.is_authority = bool(inner) and inner[0][0] == 1 and inner[0][1] == b"\xff"
            elif name == "2.5.29.37":
                self.usages = [oid(each) for _, each, _ in elements(value)]

    def subject_texts(self):
        """The texts of the subject's attributes."""
        name = elements(elements(self.subject)[0][1])
        return [elements(elements(each)[0][1])[1][1] for _, each, _ in name]

    def is_issued_by(self, issuer):
        return issuer.is_authority and self.issuer == issuer.subject and signature_fits(issuer.spki, self.tbs, self.signature)


def key_facts(spki):
    """Algorithm and length of a signature value by a key."""
    algorithm, key = elements(elements(spki)[0][1])
    names = [oid(content) for kind, content, _ in elements(algorithm[1]) if kind == 6]
    if names == ["1.2.840.10045.2.1", "1.2.840.10045.3.1.7"]:
        return "ES256", 64
    if names == ["1.2.840.113549.1.1.1"]:
        modulus = elements(elements(key[1][1:])[0][1])[0][1].lstrip(b"\0")
        if len(modulus) >= 256:
            return "SHA256", len(modulus)
    raise Refused("signature_algorithm_unknown")


def certificate(value):
    der = strict_base64(value, "certificate_malformed")
    try:
        return Certificate(der)
    except (ValueError, IndexError):
        raise Refused("certificate_malformed") from None


USAGE_OF = {"product-instance": "1.3.6.1.5.5.7.3.2", "manager-signing": "1.3.6.1.5.5.7.3.36", "relay": "1.3.6.1.5.5.7.3.28"}


def verify_chain(leaf, intermediates, anchors, purpose, now):
    need(len(intermediates) <= CHAIN_CERTIFICATES_MAX, "certificate_foreign")
    need(not leaf.is_authority and leaf.usages == [USAGE_OF[purpose]], "certificate_wrong_purpose")
    current = leaf
    for _ in range(2):
        require_valid(current, now)
        anchor = next((each for each in anchors if current.is_issued_by(each)), None)
        if anchor is not None:
            require_valid(anchor, now)
            need(openssl_agrees(leaf, intermediates, anchors, now), "openssl_disagrees")
            return
        current = next((each for each in intermediates if current.is_issued_by(each)), None)
        need(current is not None, "certificate_foreign")
    raise Refused("certificate_foreign")


def require_valid(each, now):
    need(now >= each.not_before, "certificate_not_yet_valid")
    need(now <= each.not_after, "certificate_expired")


def openssl_agrees(leaf, intermediates, anchors, now):
    """The same chain by OpenSSL's own path building, as a check on the walk above."""

    def pem(each):
        return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(each.der) + b"-----END CERTIFICATE-----\n"

    files = {"leaf": pem(leaf), "anchors": b"".join(map(pem, anchors)), "others": b"".join(map(pem, intermediates))}
    arguments = ["verify", "-partial_chain", "-no-CApath", "-no-CAstore", "-attime", str(now // 1000), "-CAfile", "@anchors"]
    untrusted = ["-untrusted", "@others"] if intermediates else []
    return openssl([*arguments, *untrusted, "@leaf"], files)


# --- messages (1, 2, 11) ---------------------------------------------------------------------------------------------


def known_key(known, number_text, sudi):
    for each in known:
        found = certificate(each["certificate"])
        if each["sudi"] == sudi and str(found.serial) == number_text:
            return found.spki
    raise Refused("certificate_unknown")


def check_request(vector):
    body = base64.b64decode(vector["body"])
    outer = check(REQUEST_OUTER, parse_json(decode_text(body.ljust(vector.get("padWithBlanksTo", 0)))), "envelope_invalid")
    request = outer["request"]
    inner = check(REQUEST_INNER, parse_json(request) if isinstance(request, str) else request, "envelope_invalid")
    header = inner["header"]
    need(header["request_type"] in MESSAGES, "request_type_unknown")
    signature = outer.get("signature")
    if signature is not None:
        need(None not in signature.values(), "signature_null")
        key = known_key(vector["known"], signature["key"], header["sudi"])
        need(isinstance(request, str), "signature_missing")
        verify_signature(signature["type"], key, request.encode(), signature["value"])
    data = inner["request_data"]
    data = check(MESSAGES[header["request_type"]][0], parse_json(data) if isinstance(data, str) else data, "payload_invalid")
    need(header.get("nonce", data["nonce"]) == data["nonce"] and header["sudi"] == data["sudi"], "payload_invalid")
    return {"requestType": header["request_type"], "data": data, "isSigned": signature is not None}


def check_answer(vector):
    outer = check(ANSWER_OUTER, parse_json(decode_text(base64.b64decode(vector["body"]))), "envelope_invalid")
    signature = outer["signature"]
    need(None not in (signature["type"], signature["value"], signature["cert_sn"]), "signature_null")
    signer, is_relay = answer_signer(signature, vector)
    verify_signature(signature["type"], signer.spki, outer["response"].encode(), signature["value"])
    inner = check(ANSWER_INNER, parse_json(outer["response"]), "envelope_invalid")
    need(inner["header"]["nonce"] == vector["nonce"], "nonce_mismatch")
    need(inner["header"]["request_type"] == vector["requestType"], "request_type_mismatch")
    data = parse_json(inner["response_data"]) if inner["response_data"] else None
    status = inner["status_code"]
    need(not is_relay or vector["requestType"] in RELAY_MAY[status], "certificate_wrong_purpose")
    if status == "OK":
        data = check(MESSAGES[vector["requestType"]][1], data, "payload_invalid")
    elif status == "OK_POLL":
        data = check(POLL_LATER, data, "payload_invalid")
    elif data is not None:
        data = check(REFUSAL, data, "payload_invalid")
    return {"statusCode": status, "data": data}


def answer_signer(signature, vector):
    chain = [certificate(each) for each in signature.get("certificates", [])]
    if chain:
        need(str(chain[0].serial) == signature["cert_sn"], "certificate_unknown")
        anchors = [certificate(each) for each in vector["anchors"]]
        is_relay = vector.get("takesRelay", False) and chain[0].usages == [USAGE_OF["relay"]]
        verify_chain(chain[0], chain[1:], anchors, "relay" if is_relay else "manager-signing", vector["now"])
        return chain[0], is_relay
    need(vector["knownCertificate"] is not None, "certificate_unknown")
    held = certificate(vector["knownCertificate"])
    need(str(held.serial) == signature["cert_sn"], "certificate_unknown")
    require_valid(held, vector["now"])
    return held, False


# --- signed objects (3 to 7) -----------------------------------------------------------------------------------------


def verify_manager_object(vector):
    found = check(MANAGER_OBJECT, parse_json(vector["text"]), "envelope_invalid")
    need(found["header"]["type"] == vector["as"], "envelope_invalid")
    now = vector["now"]
    anchors = [certificate(each) for each in vector["anchors"]]
    verify_manager_signature(found, anchors, now)
    payload = check(PAYLOADS[vector["as"]], parse_json(found["payload"]), "payload_invalid")
    receive(vector["as"], payload, vector["question"], anchors, now)
    return {"payload": payload}


SYNC_MEMBER = {
    "sudi": SUDI,
    "software_tag_identifier": tag,
    "product_instance_identifier": uuid,
    "trust_id": number(most=65_535),
    "role": role,
    "id_cert_sn": serial,
    "certificates": array(
        {"certificate": base64_text, "state": literal("valid", "replaced", "withdrawn")}, least=1, most=64
    ),
}
SYNC_INSTALLATION = {"hostname": text, "software_version": text, "members": array(SYNC_MEMBER, least=1, most=64)}
SYNC_PURCHASE = {
    "purchase_id": number(),
    "tag": tag,
    "quantity": number(),
    "kind": literal("perpetual", "term", "subscription", "demo"),
    "starts_at": epoch_ms,
    "ends_at": nullable(epoch_ms),
    "order_reference": text,
}
SYNC_AUTHORIZED = {"tag": tag, "count": number()}
SYNC_PAYLOADS = {
    "sync-request": {
        "version": literal("1.0"),
        "manager_identifier": uuid,
        "created_at": epoch_ms,
        "from_leaf": number(),
        "to_leaf": number(),
        "known_purchase_id": number(),
        "issuing_request": base64_text,
        "authorized": array(SYNC_AUTHORIZED, 0, 10_000),
        "installations": array(SYNC_INSTALLATION, 0, 10_000),
        "reports": array(SIGNED_REPORT, 0, 10_000),
    },
    "sync-answer": {
        "version": literal("1.0"),
        "manager_identifier": uuid,
        "request_sha256": sha256_hex,
        "answered_at": epoch_ms,
        "previous_answered_at": nullable(epoch_ms),
        "smart_account_name": some_text,
        "virtual_account_name": some_text,
        "acknowledgements": array(MANAGER_OBJECT, 0, 10_000),
        "refused": array({"payload_sha256": sha256_hex, "code": some_text}, 0, 10_000),
        "policy": MANAGER_OBJECT,
        "purchases": array(SYNC_PURCHASE, 0, 10_000),
        "authorized": array(SYNC_AUTHORIZED, 0, 10_000),
        "issuing": base64_text,
    },
}
SYNC_DOCUMENT = {
    "payload": payload_text,
    "header": {"type": literal(*SYNC_PAYLOADS)},
    "signature": {
        "type": any_string,
        "cert_sn": serial,
        "value": any_string,
        "certificates": array(base64_text, least=2, most=CHAIN_CERTIFICATES_MAX),
    },
}


def check_sync_document(vector):
    body = base64.b64decode(vector["body"])
    found = check(SYNC_DOCUMENT, parse_json(decode_text(body)), "envelope_invalid")
    need(found["header"]["type"] == vector["as"], "envelope_invalid")
    signature = found["signature"]
    leaf, *others = [certificate(each) for each in signature["certificates"]]
    need(str(leaf.serial) == signature["cert_sn"], "certificate_unknown")
    anchors = [certificate(each) for each in vector["anchors"]]
    verify_chain(leaf, others, anchors, "manager-signing", vector["now"])
    signed = f"{vector['as']}\n{found['payload']}".encode()
    verify_signature(signature["type"], leaf.spki, signed, signature["value"])
    content = check(SYNC_PAYLOADS[vector["as"]], parse_json(found["payload"]), "payload_invalid")
    issuers = [each for each in others if leaf.is_issued_by(each)]
    return {"content": content, "issuing": base64.b64encode(issuers[0].der).decode() if issuers else ""}


def verify_manager_signature(found, anchors, now):
    signature = found["signature"]
    leaf, *others = [certificate(each) for each in signature["certificates"]]
    need(str(leaf.serial) == signature["cert_sn"], "certificate_unknown")
    verify_chain(leaf, others, anchors, "manager-signing", now)
    verify_signature(signature["type"], leaf.spki, found["payload"].encode(), signature["value"])


def signed_from(found, named):
    """An ACK that is given again is signed again, perhaps with a certificate that is younger than the time it names."""
    return max(named, certificate(found["signature"]["certificates"][0]).not_before)


def receive(kind, payload, question, anchors, now):
    """What the receiver asks after signature and shape: is it for me, and is it not older than what I have?"""
    if kind == "trust":
        leaf = certificate(payload["id_certificate"])
        verify_chain(leaf, [certificate(each) for each in payload["chain"]], anchors, "product-instance", now)
        need(leaf.spki == base64.b64decode(question["publicKey"]), "identity_mismatch")
    if "sudi" in question:
        need(payload["sudi"] == question["sudi"], "identity_mismatch")
    if "productInstanceIdentifier" in question:
        need(payload["product_instance_identifier"] == question["productInstanceIdentifier"], "identity_mismatch")
    if kind == "ack":
        need(payload["sequence"] >= question["newestSequence"], "acknowledgement_replayed")
    if kind == "auth":
        need(payload["sequence"] >= question["leastSequence"], "authorization_replayed")
    if kind == "policy":
        need(payload["policy_version"] >= question["installedVersion"], "policy_replayed")


def check_report(vector):
    report = check(SIGNED_REPORT, parse_json(vector["text"]), "envelope_invalid")
    authenticity = report_authenticity(report, lambda signature: known_key(vector["known"], signature["key"], signature["sudi"]))
    return {"authenticity": authenticity, "payload": rum_report(report["payload"])}


def report_authenticity(report, key_of):
    signature, payload = report["signature"], report["payload"]
    if signature["signing_type"] == "builtin":
        covered = f"{udi_text(signature['sudi'])}\n{signature['key']}\n{payload}"
        need(strict_base64(signature["value"]) == hashlib.sha256(covered.encode()).digest(), "signature_mismatch")
        return "unverified"
    verify_signature(signature["type"], key_of(signature), payload.encode(), signature["value"])
    return "verified"


def rum_report(payload):
    content = parse_json(payload)
    need(isinstance(content, dict) and content.get("version") == "2.0", "payload_version_unknown")
    return check(RUM_REPORT, content, "payload_invalid")


def udi_text(sudi):
    return f"PID:{sudi['udi_pid']},SN:{sudi['udi_serial_number']}"


# --- ledger (13, files.md section 4) ---------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\0" + entry)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def tree_root(leaves):
    """RFC 9162, section 2.1.1: the largest power of two below the size splits the tree."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"")
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(tree_root(leaves[:split]), tree_root(leaves[split:]))


def root_from_inclusion(leaf, index, size, path):
    """RFC 9162, section 2.1.3.2, from the top down: the last hash is the sibling nearest to the root."""
    if size == 1:
        need(not path, "proof_invalid")
        return leaf
    need(path, "proof_invalid")
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return node_hash(root_from_inclusion(leaf, index, split, path[:-1]), path[-1])
    return node_hash(path[-1], root_from_inclusion(leaf, index - split, size - split, path[:-1]))


def need_inclusion(leaf, index, size, root, path):
    need(index < size, "proof_invalid")
    need(root_from_inclusion(leaf, index, size, path) == root, "proof_invalid")


def roots_from_consistency(first, second, is_whole, first_root, path):
    """The roots of both trees out of one path: (root of the first leaves, root of all). Section 2.1.4.1 read backwards."""
    if first == second:
        if is_whole:
            need(not path, "proof_invalid")
            return first_root, first_root
        need(len(path) == 1, "proof_invalid")
        return path[0], path[0]
    need(path, "proof_invalid")
    split = 1 << (second - 1).bit_length() - 1
    if first <= split:
        old, new = roots_from_consistency(first, split, is_whole, first_root, path[:-1])
        return old, node_hash(new, path[-1])
    old, new = roots_from_consistency(first - split, second - split, False, first_root, path[:-1])
    return node_hash(path[-1], old), node_hash(path[-1], new)


def need_consistency(first, first_root, second, second_root, path):
    need(first <= second, "proof_invalid")
    if first == 0 and second > 0:
        need(not path, "proof_invalid")
        return
    old, new = roots_from_consistency(first, second, True, first_root, path)
    need(old == first_root and new == second_root, "proof_invalid")


def unhex(values):
    return [bytes.fromhex(each) for each in values]


def check_inclusion(vector):
    leaf, root = unhex([vector["leafHash"], vector["rootSha256"]])
    need_inclusion(leaf, vector["leafIndex"], vector["size"], root, unhex(vector["hashes"]))
    return {}


def check_consistency(vector):
    first, second = unhex([vector["firstRootSha256"], vector["secondRootSha256"]])
    need_consistency(vector["firstSize"], first, vector["secondSize"], second, unhex(vector["hashes"]))
    return {}


def check_heads(vector):
    kept, offered, proof = vector["kept"], vector["offered"], vector["proof"]
    if offered["size"] <= kept["size"]:
        return {"comparison": "same" if offered == kept else "rewritten"}
    if proof is None:
        return {"comparison": "unproved" if kept["size"] else "grown"}
    old, new = unhex([kept["root_sha256"], offered["root_sha256"]])
    try:
        need_consistency(kept["size"], old, offered["size"], new, unhex(proof))
    except Refused:
        return {"comparison": "rewritten"}
    return {"comparison": "grown"}


def proof_root(found, anchors):
    root = certificate(found["root_certificate"])
    if anchors is None:
        need(root.is_issued_by(root), "certificate_foreign")
    else:
        need(root.der in [certificate(each).der for each in anchors], "certificate_foreign")
    return root


def check_proof_file(data, anchors):
    found = check(PROOF_FILE, parse_json(decode_text(data)), "envelope_invalid")
    root = proof_root(found, anchors)
    need(found["acknowledgement"]["header"]["type"] == "ack", "envelope_invalid")
    ack = check(ACKNOWLEDGEMENT, parse_json(found["acknowledgement"]["payload"]), "payload_invalid")
    need(found["tree_head"]["header"]["type"] == "tree-head", "envelope_invalid")
    head = check(TREE_HEAD, parse_json(found["tree_head"]["payload"]), "payload_invalid")
    place = {"payload_sha256": found["payload_sha256"], "leaf_index": found["leaf_index"]}
    entry = next((each for each in ack["reports"] if each["outcome"] != "refused" and place.items() <= each.items()), None)
    need(entry, "proof_mismatch")
    known = ack["tree_head"]
    need(known and known["size"] > found["leaf_index"], "proof_mismatch")
    leaf = leaf_hash(b"\1" + bytes.fromhex(found["payload_sha256"]))
    old, new = unhex([known["root_sha256"], head["root_sha256"]])
    need_inclusion(leaf, found["leaf_index"], head["size"], new, unhex(found["inclusion_proof"]))
    need_consistency(known["size"], old, head["size"], new, unhex(found["consistency_proof"]))
    verify_manager_signature(found["acknowledgement"], [root], signed_from(found["acknowledgement"], ack["acknowledged_at"]))
    verify_manager_signature(found["tree_head"], [root], head["signed_at"])
    authenticity, report_id = proved_report(found, entry, root, ack["acknowledged_at"])
    return {
        "payloadSha256": found["payload_sha256"],
        "leafIndex": found["leaf_index"],
        "authenticity": authenticity,
        "acknowledgement": ack,
        "treeHead": head,
        "rootSha256": hashlib.sha256(root.der).hexdigest(),
        "isRootTrusted": anchors is not None,
        "reportId": report_id,
    }


def check_act_proof_file(data, anchors):
    found = check(ACT_PROOF_FILE, parse_json(decode_text(data)), "envelope_invalid")
    root = proof_root(found, anchors)
    need(found["tree_head"]["header"]["type"] == "tree-head", "envelope_invalid")
    head = check(TREE_HEAD, parse_json(found["tree_head"]["payload"]), "payload_invalid")
    entry_hash = hashlib.sha256(found["entry"].encode()).digest()
    [top] = unhex([head["root_sha256"]])
    need_inclusion(leaf_hash(b"\2" + entry_hash), found["leaf_index"], head["size"], top, unhex(found["inclusion_proof"]))
    verify_manager_signature(found["tree_head"], [root], head["signed_at"])
    return {
        "entry": check(ACT_ENTRY, parse_json(found["entry"]), "payload_invalid"),
        "entrySha256": entry_hash.hex(),
        "leafIndex": found["leaf_index"],
        "treeHead": head,
        "rootSha256": hashlib.sha256(root.der).hexdigest(),
        "isRootTrusted": anchors is not None,
    }


def proved_report(found, entry, root, now):
    report, devices = found["report"], found["device_certificates"]
    if report is None or report["signature"]["signing_type"] == "builtin":
        need(not devices, "proof_mismatch")
    if report is None:
        return "absent", None
    need(hashlib.sha256(report["payload"].encode()).hexdigest() == found["payload_sha256"], "proof_mismatch")

    def key_of(signature):
        need(devices, "certificate_unknown")
        leaf, *others = [certificate(each) for each in devices]
        need(str(leaf.serial) == signature["key"], "certificate_unknown")
        verify_chain(leaf, others, [root], "product-instance", now)
        need(udi_text(signature["sudi"]).encode() in leaf.subject_texts(), "identity_mismatch")
        return leaf.spki

    authenticity = report_authenticity(report, key_of)
    content = rum_report(report["payload"])
    identification = content["asset_identification"]
    need(identification["report_id"] == entry["report_id"], "proof_mismatch")
    named = [identification["instance"]["sudi"], *(each["sudi"] for each in content["meta"]["ha_udi"])]
    need(report["signature"]["sudi"] in named, "identity_mismatch")
    return authenticity, identification["report_id"]


def check_altered_proof(vector):
    data = base64.b64decode(vector["body"])
    refused = 0
    for at in vector["alterations"]:
        altered = bytearray(data)
        altered[at] ^= 1
        try:
            check_proof_file(bytes(altered), vector["anchors"])
        except Refused:
            refused += 1
    return {"refused": refused}


# --- identifiers and tokens (1, 5, 10) -------------------------------------------------------------------------------


def check_udi(vector):
    found = re.fullmatch(rf"(?:PID|P):({IDENTITY}),(?:SN|S):({IDENTITY})", vector["text"].strip(" \t\r\n"))
    need(found, "udi_malformed")
    return {"pid": found[1], "serialNumber": found[2]}


def check_tag(vector):
    found = re.fullmatch(TAG, vector["text"])
    need(found and utf16_length(vector["text"]) <= 512, "tag_malformed")
    return dict(zip(("regid", "name", "version", "uuid"), found.groups()))


def id_ranges(value):
    ranges, beyond = [], -1
    for part in value.split(","):
        found = re.fullmatch(r"(0|[1-9][0-9]{0,15})(?:-([1-9][0-9]{0,15}))?", part)
        need(found, "payload_invalid")
        first = int(found[1])
        last = int(found[2]) if found[2] else first
        need(first > beyond and last <= SAFE and (found[2] is None or last > first), "payload_invalid")
        ranges.append([first, last])
        beyond = last + 1
    return ranges


def check_token(vector):
    code = "token_malformed"
    given = vector["text"]
    need(len(given) <= 1024, code)
    need(not re.search("%(?![0-9A-Fa-f]{2})", given), code)
    try:
        line = re.sub("[ \t\r\n]", "", urllib.parse.unquote(given, errors="strict"))
    except UnicodeDecodeError:
        raise Refused(code) from None
    plain = strict_base64(line, code).decode("latin-1")
    found = re.fullmatch(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([1-9][0-9]{12})\|([A-Za-z0-9+/]{43}=)", plain)
    need(found, code)
    strict_base64(found[3], code)
    digest = hashlib.sha256(plain.encode()).hexdigest()
    return {"uuid": found[1], "expiresAtMs": int(found[2]), "secret": found[3], "hash": digest}


# --- policy and schedule (7, 8, 5) -----------------------------------------------------------------------------------

DEFAULT_LAYER = {
    "source": "default",
    "name": "Default Policy",
    "ackRequired": True,
    "classes": {
        name: dict(zip(DEMANDS, values))
        for name, values in zip(CLASSES, [(365, 0, 90), (90, 90, 90), (0, 0, 0), (0, 0, 0)])
    },
}


def check_merge(vector):
    layers = [DEFAULT_LAYER, *vector["layers"]]

    def decide(read, strictest):
        """The most specific source that says anything; of what it says, the strictest."""
        for source in reversed(SOURCES):
            said = [v for v in (read(each) for each in layers if each["source"] == source) if v is not None]
            if said:
                return {"value": strictest(said), "source": source}
        raise AssertionError("the default says everything")

    def first_name(values):
        return min(values, key=lambda name: name.encode("utf-16-be"))

    def fewest_days(values):
        return min((v for v in values if v > 0), default=0)

    def demand_of(name, demand):
        return decide(lambda each: each.get("classes", {}).get(name, {}).get(demand), fewest_days)

    policy = {
        "version": "1.0",
        "name": decide(lambda each: each.get("name"), first_name)["value"],
        "policy_version": vector["policyVersion"],
        "issued_at": vector["issuedAtMs"],
        "ack_required": decide(lambda each: each.get("ackRequired"), any),
        "classes": {name: {demand: demand_of(name, demand) for demand in DEMANDS} for name in CLASSES},
    }
    return {"policy": check(POLICY, policy, "payload_invalid")}


def governing(policy, classes, demand):
    demanding = [(policy["classes"][name][demand]["value"], name) for name in classes]
    demanding = [each for each in demanding if each[0] > 0]
    least = min((each[0] for each in demanding), default=0)
    return {"days": least, "licenseClass": next((name for value, name in demanding if value == least), None)}


def check_deadline(vector):
    rows = []
    if vector["lastAckAtMs"] is None:
        rows.append((vector["firstUseAtMs"], vector["classesInUse"], "first_report_days", "first_report"))
    else:
        rows.append((vector["lastAckAtMs"], vector["classesInUse"], "reporting_frequency_days", "reporting_frequency"))
    rows.append((vector["changedAtMs"], vector["classesChanged"], "report_on_change_days", "report_on_change"))
    found = []
    for start, classes, demand, rule in rows:
        least = governing(vector["policy"], classes, demand)
        if start is not None and least["days"] > 0:
            found.append({"atMs": start + least["days"] * DAY_MS, "rule": rule, **least})
    is_required = vector["policy"]["ack_required"]["value"]
    return {"deadline": min(found, key=lambda each: each["atMs"], default=None) if is_required else None}


def check_push_interval(vector):
    demand = "reporting_frequency_days" if vector["hasAck"] else "first_report_days"
    in_policy = governing(vector["policy"], vector["classesInUse"], demand)["days"]
    if in_policy == 0 and vector["hasAck"]:
        return {"days": 0, "rule": "nothing_demanded", "inPolicyDays": 0}
    rows = [(30, "longest")]
    if in_policy:
        rows.append((in_policy, "policy"))
    if vector["configuredDays"] is not None:
        rows.append((vector["configuredDays"], "configured"))
    shortest = min(rows, key=lambda each: each[0])
    return {"days": shortest[0], "rule": shortest[1], "inPolicyDays": in_policy}


def check_samples(vector):
    seconds = vector["intervalSeconds"] - vector["clockChangeDeltaSeconds"]
    return {"samples": max(1, (seconds + 450) // 900 + 1)}


def check_latest(vector):
    report = check(RUM_REPORT, vector["report"], "payload_invalid")
    latest = max(enumerate(report["measurements"]), key=lambda each: (each[1]["end_time"], each[0]))[1]
    report_id = report["asset_identification"]["report_id"]
    return {"count": int(latest["value"]["value"]), "endsAtSeconds": latest["end_time"], "reportId": report_id}


# --- licence files (spec/files.md) -----------------------------------------------------------------------------------

ELEMENT_OF = {
    "ack": "smartLicenseRumAck",
    "policy": "smartLicensePolicy",
    "trust": "smartLicenseTrust",
    "auth": "smartLicenseAuth",
    "account": "smartLicenseAccount",
    "tree-head": "smartLicenseTreeHead",
    "conversion": "smartLicenseConversion",
}
ONCE = ["smartLicenseSystemInfo", "smartLicenseTrustRequest", "smartLicenseAuthRequest"]
TRUST_REQUEST = {
    "version": literal("1.0"),
    "sudi": SUDI,
    "timestamp": epoch_ms,
    **SOFTWARE,
    "device_list": array(ENROLLING, 1, 64),
}
DATA_PATHS = {("smartLicense", name, "data"): name for name in [*ELEMENT_OF.values(), *ONCE]}
DATA_PATHS[("smartLicense", "RUMReport")] = "RUMReport"
DATA_PATHS[("smartLicensePolicy", "data")] = "smartLicensePolicy"
OPEN_PATHS = {path[:length] for path in DATA_PATHS for length in range(1, len(path) + 1)}


def file_elements(data):
    found, path, collected = [], [], []

    def start(name, attributes):
        path.append(name)
        need(tuple(path) in OPEN_PATHS, "file_element_unknown")
        need(not attributes, "file_malformed")
        collected.clear()

    def end(_name):
        if tuple(path) in DATA_PATHS:
            found.append((DATA_PATHS[tuple(path)], "".join(collected)))
        path.pop()

    def characters(chunk):
        if tuple(path) in DATA_PATHS:
            collected.append(chunk)
        else:
            need(not chunk.strip(), "file_malformed")

    def refuse(code):
        def handler(*_arguments):
            raise Refused(code)

        return handler

    def declaration(version, encoding, _standalone):
        need(version == "1.0" and (encoding or "utf-8").lower() == "utf-8", "file_malformed")

    parser = xml.parsers.expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    parser.XmlDeclHandler = declaration
    parser.CommentHandler = parser.ProcessingInstructionHandler = refuse("file_malformed")
    parser.StartDoctypeDeclHandler = refuse("file_entity_refused")
    try:
        parser.Parse(data, True)
    except xml.parsers.expat.ExpatError as error:
        is_entity = xml.parsers.expat.errors.messages[error.code] in ("undefined entity", "reference to invalid character number")
        raise Refused("file_entity_refused" if is_entity else "file_malformed") from None
    return found


def check_file(vector):
    data = base64.b64decode(vector["body"])
    decode_text(data, 64 * 1024 * 1024)
    facts = {"reports": [], "managerObjects": [], "systemInfo": None, "trustRequest": None, "authorizationRequest": None}
    found = file_elements(data)
    for element, content in found:
        if element == "RUMReport":
            report = check(SIGNED_REPORT, parse_json(content), "envelope_invalid")
            facts["reports"].append(hashlib.sha256(report["payload"].encode()).hexdigest())
        elif element == "smartLicenseSystemInfo":
            need(facts["systemInfo"] is None, "file_malformed")
            parse_json(content)
            facts["systemInfo"] = content
        elif element == "smartLicenseAuthRequest":
            need(facts["authorizationRequest"] is None, "file_malformed")
            wishes = check(WISHES, parse_json(content), "payload_invalid")
            facts["authorizationRequest"] = [each["sudi"]["udi_serial_number"] for each in wishes]
        elif element == "smartLicenseTrustRequest":
            need(facts["trustRequest"] is None, "file_malformed")
            request = check(TRUST_REQUEST, parse_json(content), "payload_invalid")
            facts["trustRequest"] = [each["sudi"]["udi_serial_number"] for each in request["device_list"]]
        else:
            each = check(MANAGER_OBJECT, parse_json(content), "envelope_invalid")
            kind = each["header"]["type"]
            need(ELEMENT_OF[kind] == element, "file_malformed")
            digest = hashlib.sha256(each["payload"].encode()).hexdigest()
            facts["managerObjects"].append({"type": kind, "payloadSha256": digest})
    need(found, "file_empty")
    return facts


# --- all vectors -----------------------------------------------------------------------------------------------------


def check_chain(vector):
    others = [certificate(each) for each in vector["intermediates"]]
    anchors = [certificate(each) for each in vector["anchors"]]
    verify_chain(certificate(vector["leaf"]), others, anchors, vector["purpose"], vector["now"])
    return {}


CHECKS = {
    "json": lambda vector: {"value": parse_json(decode_text(base64.b64decode(vector["bytes"])))},
    "udi": check_udi,
    "tag": check_tag,
    "id-ranges": lambda vector: {"ranges": id_ranges(vector["text"])},
    "token": check_token,
    "chain": check_chain,
    "request": check_request,
    "answer": check_answer,
    "manager-object": verify_manager_object,
    "report": check_report,
    "sync-document": check_sync_document,
    "file": check_file,
    "policy-merge": check_merge,
    "governing": lambda vector: governing(vector["policy"], vector["classesInUse"], vector["demand"]),
    "deadline": check_deadline,
    "push-interval": check_push_interval,
    "sample-count": check_samples,
    "latest-measurement": check_latest,
    "leaf": lambda vector: {"leafHash": leaf_hash(base64.b64decode(vector["entry"])).hex()},
    "report-leaf": lambda vector: {"leafHash": leaf_hash(b"\1" + sha256(vector["payload"].encode())).hex()},
    "node": lambda vector: {"nodeHash": node_hash(*unhex([vector["left"], vector["right"]])).hex()},
    "tree-root": lambda vector: {"rootSha256": tree_root(unhex(vector["leafHashes"])).hex()},
    "inclusion": check_inclusion,
    "consistency": check_consistency,
    "head-comparison": check_heads,
    "proof": lambda vector: check_proof_file(base64.b64decode(vector["body"]), vector["anchors"]),
    "act-proof": lambda vector: check_act_proof_file(base64.b64decode(vector["body"]), vector["anchors"]),
    "altered-proof": check_altered_proof,
}

counts = {"opensslRuns": 0}
# Complete questions to openssl, with every byte that it reads, and what it said.
answers = {}


def outcome_of(vector):
    try:
        return {"outcome": "accepted", **CHECKS[vector["kind"]](vector)}
    except Refused as refusal:
        return {"outcome": "refused", "code": refusal.code}


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors")
    kinds, failures, checked = {}, [], 0
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".json") or name == "keys.json":
            continue
        with open(os.path.join(folder, name), encoding="utf-8") as source:
            vectors = json.load(source)["vectors"]
        for vector in vectors:
            got = outcome_of(vector)
            checked += 1
            kinds[vector["kind"]] = kinds.get(vector["kind"], 0) + 1
            if got != vector["expected"]:
                failures.append({"file": name, "name": vector["name"], "expected": vector["expected"], "got": got})
    summary = {"checked": checked, "failed": len(failures), "kinds": kinds, **counts, "failures": failures}
    print(json.dumps(summary, indent=1))
    return 1 if failures or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
