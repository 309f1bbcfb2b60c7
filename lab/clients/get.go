// Asks for a page: get-go URL [refuse]. The latter: a check of its own that accepts nobody.
package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
)

func main() {
	client := http.DefaultClient
	if len(os.Args) > 2 {
		refuse := func(tls.ConnectionState) error { return errors.New("not the key that we know") }
		client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{VerifyConnection: refuse}}}
	}
	answer, err := client.Get(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(answer.Status)
}
