// What the certificate of a product instance is good for: a relay's carries messages and signs none of a device (spec/protocol.md, section 16).

import { relayProductTag } from "@countersign/protocol";

export function certificatePurposeOf(productTag: string): "product-instance" | "relay" {
  return productTag === relayProductTag ? "relay" : "product-instance";
}
