/**
 * `npm run test:keycloak`: the gateway against a real Keycloak, started once for all of these files, which run in this order. Where Java
 * or Maven is missing the suite is skipped, unless KEYCLOAK=required says that it must not be.
 */
import t from 'tap';
import { missingForKeycloak } from '../support/keycloak-install.ts';

const missing = await missingForKeycloak();
if (missing !== null && process.env['KEYCLOAK'] !== 'required') t.plan(0, missing);
else if (missing !== null) t.fail(missing);
else {
  await import('./phantom.ts');
  await import('./refusals.ts');
  await import('./other-tokens.ts');
  await import('./explain.ts');
  await import('./clients.ts');
  await import('./sessions.ts');
  await import('./login.ts');
  await import('./keys.ts');
  await import('./outage.ts');
}
