import type { Reached } from './reach.ts'
import type { Table } from './table.ts'

/** What a part of the benchmark gives. */
export interface Part {
  readonly tables: readonly Table[]
  readonly reached: readonly Reached[]
}
