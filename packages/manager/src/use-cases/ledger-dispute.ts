// A product instance that refused an ACK says which tree head it knows and which one it was shown. Only an event comes of it,
// but it comes with what this ledger itself has at the two sizes, so that whoever reads it knows where to look.

import type { RequestData, TreeHead } from "@countersign/protocol";
import type { Readers } from "../storage-ports.ts";
import type { ProductInstance } from "../trust/product-instance.ts";
import { rootAt } from "./ledger-proofs.ts";

export type LedgerDispute = {
  readonly known: JudgedHead | null;
  readonly refused: JudgedHead;
};

/** `isOurs`: this ledger, as it stands, had that root at that size. False for a head that it never had. */
export type JudgedHead = TreeHead & { readonly isOurs: boolean };

export async function readDispute(
  data: RequestData<"LICENSE_USAGE">,
  { smartAccountId }: ProductInstance,
  read: Readers,
): Promise<LedgerDispute | undefined> {
  const { known_tree_head: known, refused_tree_head: refused } = data;
  if (refused === undefined) return undefined;
  const judge = (head: TreeHead) => judgeHead(head, smartAccountId, read);
  return { known: known === undefined ? null : await judge(known), refused: await judge(refused) };
}

async function judgeHead(head: TreeHead, smartAccountId: number, read: Readers): Promise<JudgedHead> {
  const account = (await read.accounts.listSmartAccounts()).find((one) => one.smartAccountId === smartAccountId);
  const { size } = await read.ledger.readHead(smartAccountId);
  const isPossible = head.ledger_id === account?.ledgerId && head.size <= size;
  const of = { ledger: read.ledger, smartAccountId };
  return { ...head, isOurs: isPossible && (await rootAt(of, head.size)) === head.root_sha256 };
}
