// What is worked on at one time, by requests and by their bytes. A message costs a multiple of its size while it is decoded,
// handed to the usage thread and waits for its transaction, so the bytes decide how large the process gets.

export type AdmissionLimits = { readonly requestsInFlightMax: number; readonly requestBytesInFlightMax: number };

export class Admission {
  requests = 0;
  bytes = 0;
  readonly #limits: AdmissionLimits;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /**
   * Whether a request of so many bytes is taken now; then `leave` must be called. A large message is turned away before the room is
   * used up, so that small ones still find some. What is larger than all the room is taken alone, or it would be never.
   */
  enter(bytes: number): boolean {
    const { requestsInFlightMax, requestBytesInFlightMax } = this.#limits;
    if (this.requests >= requestsInFlightMax) return false;
    if (this.requests > 0 && this.bytes + bytes > requestBytesInFlightMax) return false;
    this.requests += 1;
    this.bytes += bytes;
    return true;
  }

  leave(bytes: number): void {
    this.requests -= 1;
    this.bytes -= bytes;
  }
}
