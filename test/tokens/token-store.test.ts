import { startServer, type TestServer } from '../support/server.ts'
import { tokenStoreContract } from './token-store-contract.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe('TokenStore', () => tokenStoreContract(() => server))
