-- The hash of the PDF of an invoice to a party, once drawn; its bytes are in invoicing.document.
alter table invoicing.party_invoice add column document text;
