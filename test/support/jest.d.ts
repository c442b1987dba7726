import type * as jest from '@jest/globals'

// The runner puts Jest's functions on the global object; it has no `@jest/globals` to import.
declare global {
  const describe: typeof jest.describe
  const it: typeof jest.it
  const expect: typeof jest.expect
  const beforeAll: typeof jest.beforeAll
  const beforeEach: typeof jest.beforeEach
  const afterAll: typeof jest.afterAll
  const afterEach: typeof jest.afterEach
}
