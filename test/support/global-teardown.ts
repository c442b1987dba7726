import { closeLentDatabases } from './lent-database.ts'

export default async function tearDown(): Promise<void> {
  await closeLentDatabases()
  await globalThis.removeTestTemplate?.()
}
