// An entitlement tag says its licence's name between its last dot and its comma: regid.2031-01.com.example.NAME,1.0_uuid.

/** The tag itself where it has another form. */
export function tagName(tag: string): string {
  return /\.([^.,]+),[^,]+$/.exec(tag)?.[1] ?? tag;
}
