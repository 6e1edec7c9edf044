// Inclusion and consistency proofs (RFC 9162, sections 2.1.3 and 2.1.4). A proof is first named, as the ranges of leaves whose
// roots it consists of, so that whoever keeps the hashes can fetch them as he likes; it is verified from nothing but heads.

import { assert } from "../errors.ts";
import { type Hash, nodeHash } from "./merkle-tree.ts";

/** Leaves from `start` (inclusive) to `end` (exclusive); `start` is a multiple of a power of two that the range does not exceed. */
export type LeafRange = { readonly start: number; readonly end: number };

/** The ranges whose roots lead from the leaf to the head of a tree of `size` leaves. */
export function inclusionRanges(leafIndex: number, size: number): readonly LeafRange[] {
  assert(leafIndex >= 0 && leafIndex < size, "the leaf is in the tree");
  const path: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const split = start + largestPowerBelow(end - start);
    if (leafIndex < split) {
      path.push({ start: split, end });
      end = split;
    } else {
      path.push({ start, end: split });
      start = split;
    }
  }
  return path.reverse();
}

export type InclusionQuestion = {
  readonly leaf: Hash;
  readonly leafIndex: number;
  readonly size: number;
  readonly root: Hash;
  readonly proof: readonly Hash[];
};

/** True if the leaf stands at its index in the tree of this size and root. */
export function verifyInclusion({ leaf, leafIndex, size, root, proof }: InclusionQuestion): boolean {
  if (!(leafIndex >= 0 && leafIndex < size)) return false;
  let position = leafIndex;
  let last = size - 1;
  let node = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      node = nodeHash(sibling, node);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      node = nodeHash(node, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && isSameHash(node, root);
}

/**
 * The ranges whose roots show that the tree of `second` leaves begins with the tree of `first` leaves. None when nothing has
 * to be shown.
 */
export function consistencyRanges(first: number, second: number): readonly LeafRange[] {
  assert(first >= 0 && first <= second, "the first tree is not the larger one");
  if (first === 0 || first === second) return [];
  const path: LeafRange[] = [];
  let start = 0;
  let end = second;
  let isOwnRoot = true;
  while (end !== first) {
    const split = start + largestPowerBelow(end - start);
    if (first <= split) {
      path.push({ start: split, end });
      end = split;
    } else {
      path.push({ start, end: split });
      start = split;
      isOwnRoot = false;
    }
  }
  return isOwnRoot ? path.reverse() : [{ start, end }, ...path.reverse()];
}

export type ConsistencyQuestion = {
  readonly first: number;
  readonly second: number;
  readonly firstRoot: Hash;
  readonly secondRoot: Hash;
  readonly proof: readonly Hash[];
};

/** True if the second tree begins with the first one. */
export function verifyConsistency(question: ConsistencyQuestion): boolean {
  const { first, second, firstRoot, secondRoot, proof } = question;
  if (first > second || first < 0) return false;
  if (first === second) return proof.length === 0 && isSameHash(firstRoot, secondRoot);
  if (first === 0) return proof.length === 0;
  const path = isPowerOfTwo(first) ? [firstRoot, ...proof] : proof;
  const [seed, ...rest] = path;
  if (seed === undefined) return false;
  let position = first - 1;
  let last = second - 1;
  while (position % 2 === 1) [position, last] = [half(position), half(last)];
  let firstNode = seed;
  let secondNode = seed;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      firstNode = nodeHash(sibling, firstNode);
      secondNode = nodeHash(sibling, secondNode);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      secondNode = nodeHash(secondNode, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && isSameHash(firstNode, firstRoot) && isSameHash(secondNode, secondRoot);
}

/** The largest power of two that is smaller than n (n > 1). */
function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function isPowerOfTwo(n: number): boolean {
  return Number.isInteger(Math.log2(n));
}

function half(n: number): number {
  return Math.floor(n / 2);
}

export function isSameHash(one: Hash, other: Hash): boolean {
  return Buffer.compare(one, other) === 0;
}
