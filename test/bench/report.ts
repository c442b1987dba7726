import { comparedToStock, type Result } from './results.ts'
import { TARGET_TITLES } from './scenarios.ts'
import { asFigure, type Table } from './table.ts'

const MIB = 2 ** 20

/** What one scenario gave, a line for each target. */
export function resultTable(result: Result): Table {
  return {
    title: `${result.scenario.title}, ${result.connections} connections`,
    head: [
      ...['', 'a second', 'to stock', 'p50 ms', 'p99 ms', 'p99 to stock'],
      ...['CPU µs server', 'CPU µs database', 'CPU to stock', 'memory MiB'],
    ],
    rows: result.lines.map(line => {
      const compared = comparedToStock(result, line.target)
      const title = TARGET_TITLES[line.target]
      return [
        line.remark === undefined ? title : `${title} (${line.remark})`,
        ...[asFigure(line.rate, 0), asFigure(compared.rate, 2)],
        ...[asFigure(line.p50, 2), asFigure(line.p99, 2), asFigure(compared.p99, 2)],
        ...[asFigure(line.serverCpu, 0), asFigure(line.databaseCpu, 0), asFigure(compared.cpu, 2)],
        asFigure(line.memory && line.memory / MIB, 0),
      ]
    }),
  }
}
