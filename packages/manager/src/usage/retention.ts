// How long bodies of reports are kept, and how many go at once.

/** Days for which a repeated poll gives the same ACK with the report's body still there. */
export const purgeAgeDaysMin = 400;
/** A hundred years. */
export const purgeAgeDaysMax = 36_500;
/** Leaves that one transaction of a purge looks at: some megabytes of bodies, and a pause that no device notices. */
export const leavesPerPurgeMax = 5000;
