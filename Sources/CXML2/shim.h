#include <libxml/xmlversion.h>
/* Debian's libxml2 pulls in ICU's headers here, which clash with Foundation's; nothing of them is used. */
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/SAX2.h>
