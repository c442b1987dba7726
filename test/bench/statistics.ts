/** The middle value; of an even number of them what is between the two. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [lower, upper] = [Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2)]
  return ((sorted[lower] ?? Number.NaN) + (sorted[upper] ?? Number.NaN)) / 2
}

/** The value that a share of all is not above (nearest rank). NaN of none. @param sorted ascending @param share 0 to 1 */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** How one stands to another; undefined where one of them was not measured. */
export function ratio(value: number | undefined, other: number | undefined): number | undefined {
  if (value === undefined || !other) return undefined
  return value / other
}
