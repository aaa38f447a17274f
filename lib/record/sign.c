#include "record/sign.h"

#include "base/mem.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>

#define PUBLIC 32 /* bytes */

struct dq_key {
	EVP_PKEY *key;
	char id[DQ_SHA256_TEXT];
};

/* A passphrase would have to come from somewhere: such keys are refused. */
static int
no_passphrase(char *buf, int size, int writing, void *context)
{
	(void)buf, (void)size, (void)writing, (void)context;
	return -1;
}

static struct dq_key *
read_key(struct dq_slice pem, bool private, struct dq_err *err)
{
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	unsigned char public[PUBLIC];
	size_t size = sizeof(public);
	struct dq_key *key = NULL;
	EVP_PKEY *read = NULL;

	if (bio && private)
		read = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	else if (bio)
		read = PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	if (!read || EVP_PKEY_id(read) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(read, public, &size) != 1) {
		EVP_PKEY_free(read);
		dq_err_set(err, "holds no %s Ed25519 key in PEM form",
		    private ? "private" : "public");
		return NULL;
	}
	key = dq_calloc(1, sizeof(*key));
	key->key = read;
	dq_sha256_text((struct dq_slice){(char *)public, size}, key->id);
	return key;
}

struct dq_key *
dq_key_private(struct dq_slice pem, struct dq_err *err)
{
	return read_key(pem, true, err);
}

struct dq_key *
dq_key_public(struct dq_slice pem, struct dq_err *err)
{
	return read_key(pem, false, err);
}

void
dq_key_free(struct dq_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->key);
	free(key);
}

const char *
dq_key_id(const struct dq_key *key)
{
	return key->id;
}

void
dq_key_sign(const struct dq_key *key, struct dq_slice text,
    unsigned char signature[DQ_SIGNATURE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t size = DQ_SIGNATURE;

	if (!context ||
	    EVP_DigestSignInit(context, NULL, NULL, NULL, key->key) != 1 ||
	    EVP_DigestSign(context, signature, &size,
		(const unsigned char *)text.data, text.len) != 1)
		dq_die(DQ_EXIT_BROKEN, "libcrypto", "cannot sign");
	EVP_MD_CTX_free(context);
}

bool
dq_key_verify(const struct dq_key *key, struct dq_slice text,
    const unsigned char signature[DQ_SIGNATURE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good;

	good = context &&
	       EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->key) == 1 &&
	       EVP_DigestVerify(context, signature, DQ_SIGNATURE,
		   (const unsigned char *)text.data, text.len) == 1;
	EVP_MD_CTX_free(context);
	return good;
}
