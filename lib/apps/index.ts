export { appCookie } from './cookie.ts';
export { isFromControlPlane, readTicket } from './entry.ts';
export { type AppsHost, appsOrigin, readAppsHost } from './origin.ts';
export { type AppsTarget, ENTER_PATH, readAppsPath } from './path.ts';
export { checkAppsRequest } from './request-check.ts';
export { APPS_SECURITY_HEADERS, appResponseHeaders } from './response-headers.ts';
export { type AppSession, type AppSessionVerifier, createAppSessionVerifier } from './sessions.ts';
export { APP_SESSION_SECONDS, type EnteredApp, enterApp, type OpenApp, openApp } from './tickets.ts';
