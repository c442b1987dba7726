import { Button, Group, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { createPass, passesKey } from '../../api/passes.ts'
import { usePlace } from '../../layout/where.ts'
import { Failure } from '../../shared/failure.tsx'
import { useIdempotencyKey } from '../../shared/idempotency-key.ts'
import { Page } from '../../shared/page.tsx'
import { SignedOut } from '../../sign-in/session.ts'
import { useAccessLevels } from '../access-levels.ts'
import { IdentityStep } from '../form/identity-step.tsx'
import {
  faultsByField,
  fieldsOf,
  IDENTITY_FIELDS,
  initialValues,
  PassFormProvider,
  rulesFor,
  usePassForm,
} from '../form/pass-form.ts'
import { SecurityStep } from '../form/security-step.tsx'
import { dropDraft, keepDraft, keptDraft } from './draft.ts'
import { IssuedStep } from './issued-step.tsx'
import { ReviewStep } from './review-step.tsx'
import { Progress, type Step, StepPanel } from './steps.tsx'

/** A pass in four steps. @param ownScopes whether the person may grant this server's own scopes */
export function Creation({ ownScopes }: { readonly ownScopes: boolean }) {
  const place = usePlace()
  const client = useQueryClient()
  const keyOf = useIdempotencyKey()
  const levels = useAccessLevels()
  const [initial] = useState(() => initialValues(new Date()))
  const [draft] = useState(() => keptDraft(initial))
  const [step, setStep] = useState<Step>(draft ? 2 : 0)
  const [refusals, setRefusals] = useState(0)
  const form = usePassForm({
    initialValues: draft ?? initial,
    validate: rulesFor(ownScopes, levels),
    validateInputOnBlur: true,
  })
  const creation = useMutation({
    mutationFn: () => {
      const fields = fieldsOf(form.getValues(), initial)
      return createPass(place, fields, keyOf(fields))
    },
    // The secret is not kept longer than this page shows it.
    gcTime: 0,
    onSuccess: () => {
      setStep(3)
      void client.invalidateQueries({ queryKey: passesKey(place) })
    },
    onError: error => {
      if (error instanceof SignedOut) keepDraft(form.getValues())
      const faults = faultsByField(error, form.getValues())
      if (faults) leadTo(faults)
    },
  })
  /** Shows what is wrong where it can be mended. */
  const leadTo = (faults: ReturnType<typeof form.validate>['errors']) => {
    form.setErrors(faults)
    setRefusals(refusals + 1)
    setStep(IDENTITY_FIELDS.some(name => faults[name]) ? 0 : 1)
  }
  const advance = (to: Step) => {
    const { errors } = form.validate()
    const here = Object.keys(errors).filter(name => to > 1 || IDENTITY_FIELDS.some(field => field === name))
    if (here.length === 0) {
      form.clearErrors()
      setStep(to)
    } else leadTo(Object.fromEntries(here.map(name => [name, errors[name]])))
  }
  const takeDefaults = () => {
    const { title, agentType, description } = form.getValues()
    form.setValues({ ...initial, title, agentType, description })
    setStep(2)
  }
  useEffect(() => dropDraft, [])
  const unplaced = creation.error && !faultsByField(creation.error, form.values) ? creation.error : null

  return (
    <Page title="Create a Sentinel Pass">
      <PassFormProvider form={form}>
        <Stack maw={880} gap="lg">
          <Progress step={step} onStep={setStep} />
          <form
            noValidate
            onSubmit={event => {
              event.preventDefault()
              if (step === 0) advance(1)
              else if (step === 1) advance(2)
              else if (step === 2) creation.mutate()
            }}
          >
            <StepPanel step={step} refusals={refusals}>
              {step === 0 && <IdentityStep />}
              {step === 1 && <SecurityStep ownScopes={ownScopes} />}
              {step === 2 && <ReviewStep onEdit={setStep} />}
              {step === 3 && creation.data && <IssuedStep issued={creation.data} />}
              {step === 2 && unplaced && <Failure error={unplaced} />}
              {step < 3 && (
                <Group justify="space-between">
                  {step === 0 ? (
                    <span />
                  ) : (
                    <Button variant="default" onClick={() => setStep(step === 1 ? 0 : 1)}>
                      Back
                    </Button>
                  )}
                  <Group>
                    {step === 1 && (
                      <Button variant="default" onClick={takeDefaults}>
                        Use defaults
                      </Button>
                    )}
                    <Button type="submit" loading={creation.isPending}>
                      {step === 2 ? 'Create agent & pass' : 'Continue'}
                    </Button>
                  </Group>
                </Group>
              )}
            </StepPanel>
          </form>
        </Stack>
      </PassFormProvider>
    </Page>
  )
}
