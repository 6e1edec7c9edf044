/** A row as a driver answers it: whole numbers as numbers, bytes as bytes, the rest as text. */
export type Row = Record<string, unknown>;
