export { startGateway } from "./gateway.ts";
export {
  statusProfiles,
  type Gateway,
  type GatewayLimits,
  type GatewayOptions,
  type RequestRecord,
  type StatusProfile,
} from "./options.ts";
