import { Code } from '@mantine/core'
import { CheckCircleIcon, ChevronDownIcon, ChevronRightIcon, XCircleIcon } from '@primer/octicons-react'
import { type ReactNode, useState } from 'react'
import type { ActivityRow } from '../api/activity.ts'
import { Facts } from '../shared/facts.tsx'
import { When } from '../shared/when.tsx'
import { TYPE_LABELS } from './activity-filters.tsx'
import styles from './activity-line.module.css'
import { formatMs } from './figures.tsx'

const COLUMNS = 7

interface ActivityLineProps {
  readonly row: ActivityRow
  /** Who did it, where that differs from row to row. */
  readonly agent: ReactNode | undefined
}

/** One row of the log; opened, all that is known of it. Plain elements: a page has a hundred of them. */
export function ActivityLine({ row, agent }: ActivityLineProps) {
  const [opened, setOpened] = useState(false)
  return (
    <>
      <tr className={styles.line}>
        <td className={styles.whole}>
          <When at={row.started_at} />
        </td>
        {agent !== undefined && <td className={styles.long}>{agent}</td>}
        <td className={styles.long}>{row.endpoint}</td>
        <td>{row.http_method ?? '–'}</td>
        <td>
          {row.success ? (
            <span className={styles.success}>
              <CheckCircleIcon /> Success
            </span>
          ) : (
            <span className={styles.failure}>
              <XCircleIcon /> Failed
            </span>
          )}
        </td>
        <td className={styles.whole}>{formatMs(row.duration_ms)}</td>
        <td>{row.client_ip}</td>
        <td>
          <button
            type="button"
            className={styles.open}
            aria-expanded={opened}
            aria-label={`Details of ${row.http_method ?? 'a call to'} ${row.endpoint}`}
            onClick={() => setOpened(!opened)}
          >
            {opened ? <ChevronDownIcon /> : <ChevronRightIcon />}
          </button>
        </td>
      </tr>
      {opened && (
        <tr className={styles.line}>
          <td colSpan={agent === undefined ? COLUMNS : COLUMNS + 1}>
            <Facts
              of={{
                Type: TYPE_LABELS[row.activity_type],
                'Status code': row.status_code,
                Error: row.error_message ?? 'none',
                'User agent': row.user_agent ?? 'none',
                Agent: row.agent_user_id,
                Ended: <When at={row.completed_at} />,
                Metadata: <Code block>{JSON.stringify(row.metadata, undefined, 2)}</Code>,
              }}
            />
          </td>
        </tr>
      )}
    </>
  )
}
