import { Box, Text } from '@mantine/core'
import { Fragment, type ReactNode } from 'react'
import styles from './facts.module.css'

/** Names and what stands behind them, side by side where the window is wide enough. @param short in each window */
export function Facts({ of, short = false }: FactsProps) {
  return (
    <Box component="dl" className={(short ? styles.short : styles.facts) ?? ''}>
      {Object.entries(of).map(([name, value]) => (
        <Fragment key={name}>
          <Text component="dt" size="sm" c="dimmed">
            {name}
          </Text>
          <Text component="dd" size="sm">
            {value}
          </Text>
        </Fragment>
      ))}
    </Box>
  )
}

interface FactsProps {
  readonly of: Readonly<Record<string, ReactNode>>
  readonly short?: boolean
}
