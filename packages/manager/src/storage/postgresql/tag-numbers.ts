// Numbers of entitlement tags. A number never changes once it is committed, so every process may keep those it has seen.

import type { Session } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

const keptMax = 20_000;

/** What committed transactions know. */
export class CommittedTagNumbers {
  readonly #numbers = new Map<string, number>();

  get(key: string): number | undefined {
    return this.#numbers.get(key);
  }
  addAll(numbers: ReadonlyMap<string, number>): void {
    if (this.#numbers.size > keptMax) this.#numbers.clear();
    for (const [key, tagId] of numbers) this.#numbers.set(key, tagId);
  }
}

/** What one transaction knows besides; forgotten with it when it fails. */
export class TagNumbers {
  readonly #committed: CommittedTagNumbers;
  readonly #own = new Map<string, number>();

  constructor(committed: CommittedTagNumbers) {
    this.#committed = committed;
  }

  /** Makes a number for a tag never seen. */
  async idOf(session: Session, smartAccountId: number, tag: string): Promise<number> {
    const known = this.get(smartAccountId, tag);
    if (known !== undefined) return known;
    await this.load(session, smartAccountId, [tag]);
    return this.get(smartAccountId, tag) ?? this.#add(session, smartAccountId, tag);
  }

  get(smartAccountId: number, tag: string): number | undefined {
    const key = keyOf(smartAccountId, tag);
    return this.#own.get(key) ?? this.#committed.get(key);
  }

  /** Reads the numbers of tags that are not known yet, where there are some. */
  async load(session: Session, smartAccountId: number, tags: readonly string[]): Promise<void> {
    const missing = tags.filter((tag) => this.get(smartAccountId, tag) === undefined);
    if (missing.length === 0) return;
    const rows = await session.all(
      "select tag_id, tag from entitlement_tags where smart_account_id = $1 and tag = any($2::text[])",
      smartAccountId,
      missing,
    );
    for (const row of rows) this.#own.set(keyOf(smartAccountId, row.tag as string), row.tag_id as number);
  }

  committed(): void {
    if (this.#own.size > 0) this.#committed.addAll(this.#own);
  }

  async #add(session: Session, smartAccountId: number, tag: string): Promise<number> {
    const tagId = await reserveIds(session, smartAccountId, "tag", 1);
    await session.run(
      "insert into entitlement_tags (smart_account_id, tag_id, tag) values ($1, $2, $3)",
      smartAccountId,
      tagId,
      tag,
    );
    this.#own.set(keyOf(smartAccountId, tag), tagId);
    return tagId;
  }
}

function keyOf(smartAccountId: number, tag: string): string {
  return `${smartAccountId} ${tag}`;
}
