// What the cluster's smoke test runs inside pods: an image of this one program needs no base image from anywhere.
//
//	probe print TEXT        writes the text and ends
//	probe serve TEXT        answers every request on port 8080 with the text, until told to end
//	probe get URL           writes the answer; tries for 20 s, because a Service's rules follow its endpoints late
//	probe write FILE TEXT   writes a file
//	probe read FILE         writes what the file holds
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

func get(url string) (string, error) {
	client := http.Client{Timeout: 2 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || len(body) == 0) {
		// Before a Service's rules are there its address may be answered by something else, as a proxy of the network.
		err = fmt.Errorf("status %d with %d bytes", response.StatusCode, len(body))
	}
	return string(body), err
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "print":
		fmt.Println(args[1])
		return nil
	case len(args) == 2 && args[0] == "serve":
		return http.ListenAndServe(":8080", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, args[1])
		}))
	case len(args) == 2 && args[0] == "get":
		for until := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) {
			body, err := get(args[1])
			if err == nil {
				fmt.Println(body)
			}
			if err == nil || time.Now().After(until) {
				return err
			}
		}
	case len(args) == 3 && args[0] == "write":
		return os.WriteFile(args[1], []byte(args[2]), 0o644)
	case len(args) == 2 && args[0] == "read":
		text, err := os.ReadFile(args[1])
		fmt.Println(string(text))
		return err
	}
	return fmt.Errorf("probe does not know what to do with %q", args)
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
