import { DefaultLogger, type LogContext, type LoggerNamespace } from '@mikro-orm/core'
import { endedBy, requestTrace, type StoreCall } from './tracing.ts'

/** Runs a statement as a part of the request in hand. */
export function tracedStatement<Result>(statement: string, run: () => Promise<Result>): Promise<Result> {
  return endedBy(requestTrace.getStore()?.call(callOf(statement)), run())
}

/** MikroORM's logger; it also tells the request in hand of each statement that MikroORM ran for it. */
export class StatementTracer extends DefaultLogger {
  override isEnabled(namespace: LoggerNamespace, context?: LogContext): boolean {
    return namespace === 'query' ? requestTrace.getStore() !== undefined : super.isEnabled(namespace, context)
  }

  override logQuery({ query, took, level }: { query: string } & LogContext): void {
    // Of what begins and ends a transaction no time is told.
    if (took === undefined) return
    const part = requestTrace.getStore()?.call({ ...callOf(query), took })
    part?.end(level === 'error')
  }
}

const TABLE = /\b(?:from|into|update)\s+"?(\w+)"?(?![\w(])/i

/** What a statement does, and to which table first; its names are the server's own, and no value is among them. */
function callOf(statement: string): StoreCall {
  return {
    system: 'postgresql',
    operation: /\w+/.exec(statement)?.[0].toUpperCase(),
    table: TABLE.exec(statement)?.[1],
  }
}
