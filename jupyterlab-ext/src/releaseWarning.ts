/** The one rule of when to warn, of all front ends; looked at every few seconds, so it comes with the plugin. */
export { shouldWarn } from '@davit/ui/plain';
