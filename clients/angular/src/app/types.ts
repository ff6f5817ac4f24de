/* Short names for what the API says. */
import type { components } from "../generated/api";

type Schemas = components["schemas"];

export type Address = Schemas["AddressOut"];
export type Book = Schemas["ProductOut"];
export type BookDetail = Schemas["ProductDetailOut"];
export type Cart = Schemas["CartOut"];
export type CartLine = Schemas["CartLineOut"];
export type Category = Schemas["CategoryOut"];
export type Change = Schemas["ChangeOut"];
export type Cover = Schemas["CoverOut"];
export type DeliveryOption = Schemas["DeliveryOptionOut"];
export type Facets = Schemas["FacetsOut"];
export type Format = Schemas["Format"];
export type Me = Schemas["MeOut"];
export type Order = Schemas["OrderOut"];
export type OrderDetail = Schemas["OrderDetailOut"];
export type Payment = Schemas["PaymentOut"];
export type Quote = Schemas["QuoteOut"];
export type ShopConfig = Schemas["ConfigOut"];
export type Sort = Schemas["Sort"];
export type Status = Schemas["StatusOut"];
export type Variant = Schemas["VariantOut"];
