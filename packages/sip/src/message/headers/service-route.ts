import { addressHeader } from './address-header.ts';

/** Service-Route (RFC 3608 5): the route that requests of the registered user shall take. */
export const ServiceRoute = addressHeader('Service-Route', true);
