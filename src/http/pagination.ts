import { z } from 'zod'
import type { pageMeta } from './operation.ts'

const HIGHEST_PAGE = 1_000_000

/** A query parameter that is a whole number. */
export const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number)

export const page = wholeNumber.pipe(z.int().min(1).max(HIGHEST_PAGE)).default(1)

/** A page of a larger whole. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly page: number
  readonly perPage: number
  readonly total: number
}

/** What a page answers about itself, as `meta`. */
export function presentPage(page: Page<unknown>): z.output<typeof pageMeta> {
  return {
    page: page.page,
    per_page: page.perPage,
    total: page.total,
    total_pages: Math.ceil(page.total / page.perPage),
  }
}
