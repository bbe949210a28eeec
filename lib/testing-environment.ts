/** Settings that every process needs, for tests and benchmarks. Apart, so that a measured process loads nothing else. */
export const TEST_ENVIRONMENT = {
  AUTH_SECRET: 'a secret of the tests that is long enough',
  DEPLOYMENT_ID: 'test-deployment',
  E2B_API_KEY: 'e2b_00',
  E2B_DOMAIN: 'sandbox.localhost',
  SANDBOX_CONTROL_URL: 'http://10.0.0.1:3001',
};
