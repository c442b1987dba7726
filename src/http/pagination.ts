import { z } from 'zod'
import { readInstant } from './instants.ts'
import type { pageMeta } from './operation.ts'

/** As far as pages reach: what is beyond costs as much as all before it, and is read by cursor. */
export const PAGES_REACH = 10_000

/** A query parameter that is a whole number. */
export const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, { error: 'must be a whole number', abort: true })
  .transform(Number)

export const page = wholeNumber.pipe(z.int().min(1)).default(1)
export const perPage = wholeNumber.pipe(z.int().min(1).max(100)).default(25)

/** Where a list goes on: after the item with this key, which the list is in the order of, and this id. */
export interface Position {
  readonly key: string
  readonly id: string
}

const POSITION = /^(.*) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/s
const LONGEST_CURSOR = 2_000

function cursor(isKey: (key: string) => boolean) {
  return z
    .string()
    .max(LONGEST_CURSOR)
    .transform((value, context): Position => {
      const [, key, id] = POSITION.exec(Buffer.from(value, 'base64url').toString('utf8')) ?? []
      if (key !== undefined && id !== undefined && isKey(key)) return { key, id }
      const message = 'is not a cursor of this server: send the next_cursor of the page before as it is'
      context.issues.push({ code: 'custom', message, input: value })
      return z.NEVER
    })
    .meta({ description: 'The `next_cursor` of the page before: as quick on the last page as on the first' })
    .optional()
}

/** The `next_cursor` of a list in the order of a time. */
export const cursorByTime = cursor(key => key.endsWith('Z') && 'at' in readInstant(key))
/** The `next_cursor` of a list in the order of a name. */
export const cursorByName = cursor(key => !key.includes('\0'))

/** What a query has of a page. */
export interface PageRequest {
  readonly page: number
  readonly per_page: number
  readonly cursor?: Position | undefined
}

/** Holds the pages of a query together: no further than they reach, and a cursor without a page. */
export function pagesInReach(query: PageRequest, context: z.core.$RefinementCtx<PageRequest>): void {
  const fault = (path: string, message: string) =>
    context.issues.push({ code: 'custom', path: [path], message, input: query })
  if (query.page * query.per_page > PAGES_REACH)
    fault(
      'page',
      `reaches beyond the first ${PAGES_REACH} items; go on by cursor, from the next_cursor of a page`,
    )
  if (query.cursor !== undefined && query.page !== 1) fault('cursor', 'goes without page')
}

/** The query of a list that is never long. */
export const shortList = z.strictObject({ page, per_page: perPage }).superRefine(pagesInReach)
/** The query of a list in the order of a time, which nothing narrows. */
export const listByTime = z
  .strictObject({ page, per_page: perPage, cursor: cursorByTime })
  .superRefine(pagesInReach)
/** The query of a list in the order of a name, which nothing narrows. */
export const listByName = z
  .strictObject({ page, per_page: perPage, cursor: cursorByName })
  .superRefine(pagesInReach)

/** A page of a larger whole. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly page: number
  readonly perPage: number
  readonly total: number
  /** Whether there are more than `total`. */
  readonly totalCapped?: boolean
  /** Where the next page begins; null on the last one and in an order that has none, undefined where a list has no cursor. */
  readonly next?: Position | null
}

/** The condition of what comes after a position in a list of the newest first; none where there is no position. */
export function olderThan(after: Position | undefined) {
  if (!after) return {}
  const createdAt = new Date(after.key)
  return { $or: [{ createdAt: { $lt: createdAt } }, { createdAt, id: { $lt: after.id } }] }
}

/** The position of an item in such a list. */
export function positionByTime({
  createdAt,
  id,
}: {
  readonly createdAt: Date
  readonly id: string
}): Position {
  return { key: createdAt.toISOString(), id }
}

/** The condition of what comes after a position in a list by name. */
export function namedAfter(after: Position | undefined) {
  if (!after) return {}
  return { $or: [{ name: { $gt: after.key } }, { name: after.key, id: { $gt: after.id } }] }
}

/** The position of an item in such a list. */
export function positionByName({ name, id }: { readonly name: string; readonly id: string }): Position {
  return { key: name, id }
}

/** How a store reads a list. */
export interface ListSource<Item> {
  /** How many there are; where they are counted no further than `PAGES_REACH`, one more stands for the rest. */
  count(): Promise<number>
  /** Items in the order of the list. @param after as the cursor has it; from the beginning when not given */
  read(limit: number, offset: number, after: Position | undefined): Promise<readonly Item[]>
  /** null: the order of the list is one that no cursor goes on in. */
  position(item: Item): Position | null
}

/** Reads one page of a list. @param capped whether counting stops at `PAGES_REACH` */
export async function readPage<Item>(
  { page, per_page: perPage, cursor: after }: PageRequest,
  source: ListSource<Item>,
  capped = false,
): Promise<Page<Item>> {
  const [found, counted] = await Promise.all([
    source.read(perPage + 1, (page - 1) * perPage, after),
    source.count(),
  ])
  const items = found.slice(0, perPage)
  const last = items.at(-1)
  return {
    ...{ items, page, perPage },
    total: capped ? Math.min(counted, PAGES_REACH) : counted,
    totalCapped: capped && counted > PAGES_REACH,
    next: found.length > perPage && last ? source.position(last) : null,
  }
}

/** A page of what is read whole, as it is never much. */
export function pageOfAll<Item>({ page, per_page: perPage }: PageRequest, all: readonly Item[]): Page<Item> {
  const from = (page - 1) * perPage
  return { items: all.slice(from, from + perPage), page, perPage, total: all.length }
}

export function encodeCursor({ key, id }: Position): string {
  return Buffer.from(`${key} ${id}`).toString('base64url')
}

/** What a page answers about itself, as `meta`. */
export function presentPage(page: Page<unknown>): z.output<typeof pageMeta> {
  return {
    page: page.page,
    per_page: page.perPage,
    total: page.total,
    ...(page.totalCapped ? { total_capped: true } : {}),
    total_pages: Math.ceil(page.total / page.perPage),
    ...(page.next === undefined ? {} : { next_cursor: page.next && encodeCursor(page.next) }),
  }
}
