import type { PassValues } from '../form/pass-form.ts'

const KEY = 'sentinel-pass.pass-draft'

/** Keeps what was typed while somebody has to sign in again: nothing of it is a secret. */
export function keepDraft(values: PassValues): void {
  sessionStorage.setItem(KEY, JSON.stringify(values))
}

/** What was kept, with the rest as it is in a new form; undefined when nothing was. */
export function keptDraft(fresh: PassValues): PassValues | undefined {
  const kept = sessionStorage.getItem(KEY)
  return kept === null ? undefined : { ...fresh, ...JSON.parse(kept) }
}

export function dropDraft(): void {
  sessionStorage.removeItem(KEY)
}
