/*
 * words.c - every text of pop3d in Spanish.
 *
 * A row that is missing is said in English; tests/words.sh looks for it.
 */
#include "pop3d/words.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"

/* In the order of enum language. */
static const struct {
	const char *tag;
	const char *name;
} languages[LANGUAGES] = {
	{ "", "" },
	{ "en", "English" },
	{ "es", "Español" },
};

/* clang-format off */
static const struct {
	const char *english;
	const char *spanish;
} table[] = {
	/* The login. */
	{ "now the password, with PASS",
	  "ahora la contraseña, con PASS" },
	{ "give USER first",
	  "primero va USER" },
	{ "USER needs a name",
	  "USER necesita un nombre" },
	{ "a name has no blank in it, and PASS comes by itself",
	  "un nombre no lleva espacios, y PASS va aparte" },
	{ "that name is too long",
	  "ese nombre es demasiado largo" },
	{ "[AUTH] wrong user name or password",
	  "[AUTH] usuario o contraseña incorrectos" },
	{ "[AUTH] wrong user name or password (the name begins with a blank)",
	  "[AUTH] usuario o contraseña incorrectos (el nombre empieza con un espacio)" },
	{ "[AUTH] too many failed logins, good bye",
	  "[AUTH] demasiados intentos fallidos, adiós" },
	{ "[AUTH] your account was closed or has a new password, good bye",
	  "[AUTH] tu cuenta se ha cerrado o tiene otra contraseña, adiós" },
	{ "authentication cancelled",
	  "autenticación cancelada" },
	{ "that is not base64",
	  "eso no es base64" },
	{ "that is no response of this mechanism",
	  "eso no es una respuesta de este mecanismo" },
	{ "no such mechanism; CAPA lists them",
	  "no hay tal mecanismo; CAPA los enumera" },
	{ "APOP is not offered; CAPA lists the other ways to log in",
	  "APOP no se ofrece; CAPA enumera las otras formas de entrar" },
	{ "APOP needs a name and a digest of 32 digits, 0 to f",
	  "APOP necesita un nombre y un resumen de 32 cifras, de 0 a f" },
	{ "a password needs TLS here: give STLS first",
	  "aquí una contraseña necesita TLS: primero va STLS" },
	{ "a password needs TLS here: use the port for it",
	  "aquí una contraseña necesita TLS: usa el puerto que lo tiene" },
	{ "begin TLS negotiation",
	  "empieza la negociación de TLS" },
	{ "TLS is active already",
	  "TLS ya está activo" },
	{ "TLS is not available here",
	  "aquí no hay TLS" },
	{ "STLS comes before UTF8",
	  "STLS va antes de UTF8" },
	{ "[IN-USE] another session has your maildrop open, end that one first",
	  "[IN-USE] otra sesión tiene abierto tu buzón, termina primero esa" },
	{ "[LOGIN-DELAY] you have just been here, wait %d seconds between two logins",
	  "[LOGIN-DELAY] acabas de estar aquí, espera %d segundos entre dos entradas" },
	{ "[SYS/TEMP] your mailbox cannot be opened now, try again later",
	  "[SYS/TEMP] ahora no se puede abrir tu buzón, inténtalo más tarde" },
	{ "[SYS/TEMP] nobody can log in now, try again later",
	  "[SYS/TEMP] ahora no puede entrar nadie, inténtalo más tarde" },
	{ "[SYS/TEMP] too many failed logins from your address, wait a minute",
	  "[SYS/TEMP] demasiados intentos fallidos desde tu dirección, espera un minuto" },
	{ "so many commands and no login, good bye",
	  "tantas órdenes y ninguna entrada, adiós" },
	{ "%s maildrop has %d message%s (%" PRId64 " octets)",
	  "%s: el buzón tiene %d mensaje%s (%" PRId64 " octetos)" },

	/* Commands. */
	{ "unknown command; CAPA lists what there is",
	  "orden desconocida; CAPA enumera las que hay" },
	{ "%s is switched off here",
	  "%s está desactivada aquí" },
	{ "%s comes after the login: give USER and PASS first",
	  "%s va después de entrar: primero USER y PASS" },
	{ "%s comes before the login, and you are logged in",
	  "%s va antes de entrar, y tú ya has entrado" },
	{ "%s stands alone",
	  "%s va sola" },
	{ "that line is too long",
	  "esa línea es demasiado larga" },
	{ "a line ends with CR LF, and has no CR, LF or NUL inside",
	  "una línea termina en CR LF y no lleva dentro CR, LF ni NUL" },
	{ "too many errors, good bye",
	  "demasiados errores, adiós" },
	{ "this is what I can do",
	  "esto es lo que sé hacer" },
	{ "UTF-8 it is",
	  "sea UTF-8" },
	{ "the languages I speak",
	  "los idiomas que hablo" },
	{ "LANG takes one language",
	  "LANG lleva un idioma" },
	{ "I do not speak that; LANG alone lists what I speak",
	  "no hablo eso; LANG sin nada enumera lo que hablo" },
	{ "%s from now on in English",
	  "%s desde ahora en español" },

	/* The maildrop. */
	{ "%d message%s (%" PRId64 " octets)",
	  "%d mensaje%s (%" PRId64 " octetos)" },
	{ "maildrop has %d message%s (%" PRId64 " octets)",
	  "el buzón tiene %d mensaje%s (%" PRId64 " octetos)" },
	{ "%" PRId64 " octets",
	  "%" PRId64 " octetos" },
	{ "message %d deleted",
	  "mensaje %d borrado" },
	{ "%s needs the number of a message",
	  "%s necesita el número de un mensaje" },
	{ "%s takes one message number",
	  "%s lleva un número de mensaje" },
	{ "TOP takes a message number and a number of lines: TOP 1 10",
	  "TOP lleva un número de mensaje y un número de líneas: TOP 1 10" },
	{ "that is no message number; LIST shows them",
	  "eso no es un número de mensaje; LIST los muestra" },
	{ "no such message, the maildrop is empty",
	  "no hay tal mensaje, el buzón está vacío" },
	{ "no such message, only %zu message%s in maildrop",
	  "no hay tal mensaje, solo %zu mensaje%s en el buzón" },
	{ "no such message, they are numbered from 1",
	  "no hay tal mensaje, se numeran desde 1" },
	{ "message %d is deleted; RSET would bring it back",
	  "el mensaje %d está borrado; RSET lo recuperaría" },
	{ "message %d is gone: another program removed it",
	  "el mensaje %d ya no está: otro programa lo quitó" },
	{ "[SYS/TEMP] message %d cannot be read now",
	  "[SYS/TEMP] ahora no se puede leer el mensaje %d" },
	{ "some deleted messages not removed",
	  "algunos mensajes borrados no se han quitado" },
	{ "POP3 server signing off",
	  "el servidor POP3 se despide" },
	{ "POP3 server signing off (maildrop empty)",
	  "el servidor POP3 se despide (buzón vacío)" },
	{ "POP3 server signing off (%d message%s left)",
	  "el servidor POP3 se despide (%d mensaje%s en el buzón)" },
};
/* clang-format on */

const char *
language_tag(enum language language)
{
	return languages[language].tag;
}

const char *
language_name(enum language language)
{
	return languages[language].name;
}

enum language
language_find(const char *range)
{
	size_t length = strcspn(range, "-");

	for (unsigned i = LANGUAGE_UNSET + 1; i < LANGUAGES; i++)
		if (strlen(languages[i].tag) == length &&
		    strncasecmp(languages[i].tag, range, length) == 0)
			return i;
	return LANGUAGE_UNSET;
}

const char *
words(enum language language, const char *text)
{
	if (language != LANGUAGE_SPANISH)
		return text;
	for (size_t i = 0; i < COUNT(table); i++)
		if (strcmp(table[i].english, text) == 0)
			return table[i].spanish;
	return text;
}

const char *
words_english(unsigned i)
{
	return i < COUNT(table) ? table[i].english : NULL;
}
