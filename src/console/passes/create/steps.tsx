import { Paper, Stack, Stepper, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import styles from './steps.module.css'

const STEPS = [
  { name: 'Identity', lead: 'Who the agent is.' },
  { name: 'Security settings', lead: 'What it may do, and for how long. Each setting has a safe default.' },
  { name: 'Review', lead: 'What will be made.' },
  { name: 'Credentials', lead: 'What the agent signs in with.' },
] as const
export type Step = 0 | 1 | 2 | 3

/** How far it is; what was passed can be gone back to. */
export function Progress({ step, onStep }: { readonly step: Step; readonly onStep: (step: Step) => void }) {
  return (
    <Stepper
      active={step}
      size="sm"
      wrap={false}
      allowNextStepsSelect={false}
      classNames={{ stepBody: styles.body ?? '' }}
      onStepClick={index => onStep(index === 0 ? 0 : index === 1 ? 1 : 2)}
    >
      {STEPS.map(({ name }, index) => (
        <Stepper.Step
          key={name}
          label={name}
          // What has been made is not made again.
          allowStepSelect={index < step && step < 3}
          {...(index === step ? { 'aria-current': 'step' } : {})}
        />
      ))}
    </Stepper>
  )
}

/** A step. On another one the keyboard stands at its heading, after a refusal at the first field that is wrong. */
export function StepPanel({ step, refusals, children }: StepPanelProps) {
  const panel = useRef<HTMLDivElement>(null)
  const shown = useRef({ step, refusals })
  useEffect(() => {
    const before = shown.current
    if (before.step === step && before.refusals === refusals) return
    shown.current = { step, refusals }
    const target = before.refusals === refusals ? 'h2' : '[aria-invalid="true"]'
    panel.current?.querySelector<HTMLElement>(target)?.focus()
  }, [step, refusals])
  const { name, lead } = STEPS[step]
  return (
    <Paper withBorder p={{ base: 'md', sm: 'xl' }} ref={panel}>
      <Stack gap="lg">
        <div>
          <Title order={2} size="h4" tabIndex={-1} className={styles.heading ?? ''}>
            {name}
          </Title>
          <Text c="dimmed">{lead}</Text>
        </div>
        {children}
      </Stack>
    </Paper>
  )
}

interface StepPanelProps {
  readonly step: Step
  /** How often something was refused so far. */
  readonly refusals: number
  readonly children: ReactNode
}
