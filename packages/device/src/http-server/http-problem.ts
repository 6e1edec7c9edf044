// What a device's HTTPS server answers when it says no: a closed list of codes. How they look is the business of each interface.

import type { RetryClass } from "@countersign/protocol";

type HttpErrorRow = {
  readonly status: number;
  readonly meaning: string;
  readonly remedy: string;
  readonly retry: RetryClass;
  /** How RFC 8040, section 7, calls it. */
  readonly restconfTag: string;
};

export const httpErrors = {
  request_malformed: {
    status: 400,
    meaning: "The request cannot be read.",
    remedy: "Send what the reference of the routes describes.",
    retry: "permanent",
    restconfTag: "malformed-message",
  },
  api_version_unsupported: {
    status: 400,
    meaning: "This version of the interface is not spoken here.",
    remedy: "Send the header FOXY-API-VERSION: 1.",
    retry: "permanent",
    restconfTag: "invalid-value",
  },
  value_invalid: {
    status: 400,
    meaning: "A value cannot be used.",
    remedy: "Correct what is named.",
    retry: "permanent",
    restconfTag: "invalid-value",
  },
  member_unknown: {
    status: 400,
    meaning: "The data has a member that the module does not define.",
    remedy: "Leave it out, or see the module.",
    retry: "permanent",
    restconfTag: "unknown-element",
  },
  login_needed: {
    status: 401,
    meaning: "Nobody is logged in.",
    remedy: "Send name and password of a user of the device (HTTP Basic), or log in on the page.",
    retry: "permanent",
    restconfTag: "access-denied",
  },
  privilege_missing: {
    status: 403,
    meaning: "The user may not do this.",
    remedy: "Reading needs privilege 1, changing privilege 15.",
    retry: "permanent",
    restconfTag: "access-denied",
  },
  authentication_not_configured: {
    status: 403,
    meaning: "The device lets nobody in over HTTPS.",
    remedy: "Enter `ip http authentication local` on its console.",
    retry: "permanent",
    restconfTag: "access-denied",
  },
  request_from_elsewhere: {
    status: 403,
    meaning: "The request was made by a page of another site.",
    remedy: "Use the device's own page, or a program.",
    retry: "permanent",
    restconfTag: "access-denied",
  },
  not_found: {
    status: 404,
    meaning: "There is nothing here.",
    remedy: "See the reference of the routes.",
    retry: "permanent",
    restconfTag: "invalid-value",
  },
  report_not_found: {
    status: 404,
    meaning: "No closed report has this id.",
    remedy: "Ask for the list; close the open reports first when it is among them.",
    retry: "permanent",
    restconfTag: "data-missing",
  },
  method_not_allowed: {
    status: 405,
    meaning: "This cannot be done here.",
    remedy: "Use a method that the header Allow names. Closed reports never change.",
    retry: "permanent",
    restconfTag: "operation-not-supported",
  },
  change_refused: {
    status: 409,
    meaning: "The device refuses the change.",
    remedy: "Do what the message says.",
    retry: "permanent",
    restconfTag: "operation-failed",
  },
  body_too_large: {
    status: 413,
    meaning: "The body is too large.",
    remedy: "Send less; large licence files are imported from the flash of the device.",
    retry: "permanent",
    restconfTag: "too-big",
  },
  target_too_long: {
    status: 414,
    meaning: "The address of the request is too long.",
    remedy: "Send what the reference of the routes describes.",
    retry: "permanent",
    restconfTag: "too-big",
  },
  media_type_unsupported: {
    status: 415,
    meaning: "The body has a type that is not understood here.",
    remedy: "Send application/yang-data+json.",
    retry: "permanent",
    restconfTag: "invalid-value",
  },
  too_many_attempts: {
    status: 429,
    meaning: "Too many wrong passwords came from this address.",
    remedy: "Wait for the time that the header Retry-After names.",
    retry: "later",
    restconfTag: "access-denied",
  },
  device_failed: {
    status: 500,
    meaning: "The device failed; its log says more.",
    remedy: "Look at the log of the device.",
    retry: "transient",
    restconfTag: "operation-failed",
  },
  device_busy: {
    status: 503,
    meaning: "The device is reloading, or has too much to do.",
    remedy: "Try again in a few seconds.",
    retry: "transient",
    restconfTag: "resource-denied",
  },
} as const satisfies Record<string, HttpErrorRow>;

export type HttpErrorCode = keyof typeof httpErrors;

export type ProblemFacts = {
  /** Instead of the row's meaning; never holds what was sent as a secret. */
  readonly message?: string;
  readonly remedy?: string;
  /** The code of the device behind it, when it was the device that refused. */
  readonly deviceCode?: string;
  /** Where in the data. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly code: HttpErrorCode;
  readonly facts: ProblemFacts;

  constructor(code: HttpErrorCode, facts: ProblemFacts = {}) {
    super(facts.message ?? httpErrors[code].meaning);
    this.code = code;
    this.facts = facts;
  }

  get status(): number {
    return httpErrors[this.code].status;
  }

  get remedy(): string {
    return this.facts.remedy ?? httpErrors[this.code].remedy;
  }
}

/** As plain JSON, for every interface that does not prescribe a form of its own. */
export function problemJson(problem: HttpProblem) {
  const { code, message, remedy, facts } = problem;
  return { error: { code: facts.deviceCode ?? code, message, remedy } };
}

/** RFC 8040, section 7.1. */
export function restconfErrors(problem: HttpProblem) {
  const { code, message, remedy, facts } = problem;
  const tag = httpErrors[code].restconfTag;
  const isProtocol = ["malformed-message", "operation-not-supported", "access-denied", "too-big"].includes(tag);
  return {
    "ietf-restconf:errors": {
      error: [
        {
          "error-type": isProtocol ? "protocol" : "application",
          "error-tag": tag,
          "error-app-tag": facts.deviceCode ?? code,
          ...(facts.path === undefined ? {} : { "error-path": facts.path }),
          "error-message": remedy === "" ? message : `${message} ${remedy}`,
        },
      ],
    },
  };
}
