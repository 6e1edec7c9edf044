// Every way in which foreign bytes can be wrong, as one closed list.
// Codes are interface: never renamed, never reused. Nothing here knows HTTP or a console.

/** How a store-and-forward queue has to treat a failure: never again, soon again, or after a wait the peer named. */
export type RetryClass = "permanent" | "transient" | "later";

export type ProtocolErrorDescription = {
  readonly meaning: string;
  readonly remedy: string;
  readonly retry: RetryClass;
};

const permanent = (meaning: string, remedy: string): ProtocolErrorDescription => ({
  meaning,
  remedy,
  retry: "permanent",
});
const transient = (meaning: string, remedy: string): ProtocolErrorDescription => ({
  meaning,
  remedy,
  retry: "transient",
});

/** Two families as in every verifier: the message is bad, or the policy of trust says no. */
export const protocolErrors = {
  message_too_large: permanent(
    "The message is larger than the limit for its kind.",
    "Send fewer reports in one message.",
  ),
  invalid_utf8: permanent("The bytes are not valid UTF-8.", "Send the message as UTF-8 without a byte order mark."),
  invalid_json: permanent("The text is not valid JSON.", "Check that the message was not cut or altered on its way."),
  json_too_deep: permanent(
    "The JSON is nested deeper than the limit.",
    "Flatten the message; no documented one is that deep.",
  ),
  duplicate_member: permanent("A JSON object names the same member twice.", "Send each member once."),
  envelope_invalid: permanent(
    "The outer message lacks a member or has one of the wrong shape.",
    "Compare with spec/protocol.md; every wrong path is listed.",
  ),
  request_type_unknown: permanent(
    "The request type is not one this side serves.",
    "Use a request type listed in spec/protocol.md.",
  ),
  payload_invalid: permanent(
    "A signed or enclosed payload lacks a member or has one of the wrong shape.",
    "Compare with spec/protocol.md; every wrong path is listed.",
  ),
  payload_version_unknown: permanent(
    "The payload's version is not known here.",
    "Upgrade this side, or send an older version.",
  ),
  udi_malformed: permanent("The text is not a UDI.", "Write PID:<product id>,SN:<serial number>."),
  tag_malformed: permanent(
    "The text is not a product or entitlement tag.",
    "Write regid.<yyyy-mm>.<domain>.<name>,<version>_<uuid>.",
  ),
  token_malformed: permanent("The text is not an ID token.", "Copy the whole token again from the manager."),
  signature_missing: permanent(
    "The message carries no signature although one is needed.",
    "Establish trust first, then sign.",
  ),
  signature_null: permanent(
    "The message carries a signature whose members are null.",
    "Sign the message; a null signature proves nothing.",
  ),
  signature_algorithm_unknown: permanent(
    "The signature names an algorithm that is not allowed.",
    "Use SHA256 (RSA) or ES256 (P-256).",
  ),
  signature_algorithm_mismatch: permanent(
    "The named algorithm does not fit the key.",
    "Use the algorithm of the certificate's key.",
  ),
  signature_malformed: permanent(
    "The signature value is not base64 of the right length.",
    "Encode the signature as standard base64.",
  ),
  signature_mismatch: permanent(
    "The signature does not fit the received bytes.",
    "Find out what altered the message on its way.",
  ),
  certificate_malformed: permanent(
    "The certificate cannot be read.",
    "Send base64 of a DER encoded X.509 certificate.",
  ),
  certificate_expired: permanent("A certificate of the chain has expired.", "Renew trust; check both clocks."),
  certificate_not_yet_valid: transient("A certificate of the chain is not valid yet.", "Check both clocks."),
  certificate_foreign: permanent(
    "The chain does not end in a trusted root.",
    "Install the right licensing root, or find out who answers.",
  ),
  certificate_wrong_purpose: permanent(
    "The certificate was not issued for this use.",
    "Only a manager's signing certificate may sign answers; only an ID certificate may sign reports.",
  ),
  certificate_unknown: permanent(
    "No certificate is at hand for the named serial number.",
    "Send the chain with the message.",
  ),
  certificate_request_invalid: permanent(
    "The certificate signing request is unreadable or its own signature is wrong.",
    "Create the request anew.",
  ),
  nonce_mismatch: transient(
    "The answer carries another nonce than the request.",
    "The answer belongs to another request; ask again.",
  ),
  request_type_mismatch: transient(
    "The answer is for another request type.",
    "The answer belongs to another request; ask again.",
  ),
  identity_mismatch: permanent("The object names another product instance.", "Deliver it to the device that it names."),
  acknowledgement_replayed: permanent(
    "The acknowledgement is older than one already installed.",
    "Nothing; the newer one stands.",
  ),
  authorization_replayed: permanent(
    "The authorization code is older than the installed one, or was given back.",
    "Ask the manager for a new code.",
  ),
  policy_replayed: permanent("The policy is older than the installed one.", "Nothing; the newer one stands."),
  proof_mismatch: permanent(
    "The parts of the proof do not belong together.",
    "Ask the manager for the proof again; nothing is proved by this one.",
  ),
  proof_invalid: permanent(
    "The hashes of the proof do not lead to the signed tree head.",
    "Nothing is proved. Keep what was received as evidence and ask who made it.",
  ),
  file_malformed: permanent("The file is not a well-formed licence file.", "Export the file again; do not edit it."),
  file_element_unknown: permanent(
    "The file has an element that no licence file has.",
    "Export the file again with a known tool.",
  ),
  file_entity_refused: permanent(
    "The file declares or uses an XML entity or document type.",
    "Export the file again; licence files have none.",
  ),
  file_empty: permanent("The file carries no licensing object.", "Choose the file that the manager or device wrote."),
  bundle_malformed: permanent(
    "The bundle is no compressed archive of archives, or it is cut.",
    "Carry it again, byte for byte; do not pack it anew.",
  ),
  bundle_entry_refused: permanent(
    "The bundle holds what no bundle holds.",
    "Find out who packed it. Only plain files with plain names, each once, are taken.",
  ),
  bundle_too_large: permanent("The bundle is larger than the limits.", "Carry the devices in several bundles."),
} as const satisfies Record<string, ProtocolErrorDescription>;

export type ProtocolErrorCode = keyof typeof protocolErrors;

/** One wrong place in a structured text. `path` is dotted from the root of the text that was parsed. */
export type Issue = { readonly path: string; readonly message: string };

export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ProtocolErrorCode;
  readonly issues: readonly Issue[];
  readonly detail: string;

  constructor(code: ProtocolErrorCode, detail = "", issues: readonly Issue[] = [], options?: ErrorOptions) {
    super(detail === "" ? protocolErrors[code].meaning : `${protocolErrors[code].meaning} ${detail}`, options);
    this.code = code;
    this.detail = detail;
    this.issues = issues;
  }

  get remedy(): string {
    return protocolErrors[this.code].remedy;
  }

  get retry(): RetryClass {
    return protocolErrors[this.code].retry;
  }
}

/** Thrown when our own code broke a promise; never caught to go on. */
export function assert(condition: unknown, promise: string): asserts condition {
  if (!condition) throw new Error(`broken promise: ${promise}`);
}
